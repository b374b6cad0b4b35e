/// The value of a setting, apart from the type that holds it.
package indirect enum SettingValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  /// A number that is used in float32, and written with as many digits as that has.
  case single(Float)
  case flag(Bool)
  case word(String)
  case interval(Interval)
  case extent(Extent)
  case list([SettingValue])
  case thing(DeclaredValue)
}

extension SettingValue {
  /// In a few characters, equal for equal values alone: `0.3`, `leaky_relu(0.3)`.
  package var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .single(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .word(let word): word
    case .interval(.steps(let steps)): "\(steps)"
    case .interval(.epochs(let epochs)): "{epochs: \(epochs)}"
    case .extent(let extent): extent.height == extent.width ? "\(extent.height)" : "[\(extent.height), \(extent.width)]"
    case .list(let values): "[\(values.map(\.text).joined(separator: ", "))]"
    case .thing(let thing):
      thing.settings.isEmpty
        ? thing.name : "\(thing.name)(\(thing.settings.map { $0?.text ?? "none" }.joined(separator: ", ")))"
    }
  }
}

/// Something declared, by its name, with the values of its settings.
package struct DeclaredValue: Sendable, Equatable {
  package var name: String
  /// In the order of the declaration; nil for a setting that has no place in this one, such as the bias's initializer
  /// where there is no bias.
  package var settings: [SettingValue?]

  package init(name: String, settings: [SettingValue?]) {
    self.name = name
    self.settings = settings
  }
}

/// What a setting takes.
package indirect enum SettingType: Sendable {
  case integer(IntegerRule)
  case number(NumberRule)
  /// A number that is used in float32, where it must obey its rule too.
  case single(NumberRule)
  case flag
  case word([Word])
  /// What a program calls something of its own; a word as a value.
  case name
  /// Steps or epochs, so many of either.
  case interval(IntegerRule)
  /// Rows and columns, each obeying the rule; a number alone for as many of both.
  case extent(IntegerRule)
  case list(of: SettingType, ListRule)
  /// One of the things that are declared together.
  case thing(Catalogue)

  /// What is expected of a value, in words.
  package var text: String {
    switch self {
    case .integer(let rule): rule.text
    case .number(let rule), .single(let rule): rule.text
    case .flag: "true or false"
    case .word(let words): "one of \(words.map(\.text).joined(separator: ", "))"
    case .name: NameRule.text
    case .interval: "a number of steps, or {epochs: …}"
    case .extent(let rule): "\(rule.text), or [height, width]"
    case .list(_, let rule): rule.text
    case .thing(let catalogue): catalogue.text
    }
  }
}

/// A word that a key takes, and what it stands for where its type says that.
package struct Word: Sendable {
  package let text: String
  package let sentence: String?

  package init(_ text: String, _ sentence: String? = nil) { (self.text, self.sentence) = (text, sentence) }

  /// The words of an enumeration.
  package static func all<Value: RawRepresentable<String> & CaseIterable>(of type: Value.Type) -> [Word] {
    let things = (type as? any Declared.Type)?.catalogue.descriptions ?? []
    return Value.allCases.map { one in Word(one.rawValue, things.first { $0.name == one.rawValue }?.sentence) }
  }
}

/// Which lists a key takes.
package struct ListRule: Sendable {
  package let text: String
  /// Where the list cannot be empty, what one element is called.
  package let element: String?
  package let hint: String?

  package init(_ text: String, nonEmpty element: String? = nil, hint: String? = nil) {
    self.text = text
    self.element = element
    self.hint = hint
  }
}

/// The things that stand for one another: all activations, all optimizers.
package struct Catalogue: Sendable {
  /// What one of them is called: `activation`.
  package let noun: String
  /// Asked for when needed, since layers hold layers.
  private let list: @Sendable () -> [Description]

  package var descriptions: [Description] { list() }
  package var names: [String] { descriptions.map(\.name) }

  package init(_ noun: String, _ list: @escaping @Sendable () -> [Description]) {
    self.noun = noun
    self.list = list
  }

  package var text: String {
    let article = noun.first.map { "aeiou".contains($0) } == true ? "an" : "a"
    return "\(article) \(noun), one of \(names.joined(separator: ", "))"
  }
}

/// What is wrong with the value of a setting, or with several together: the same for a file and for a value made in
/// code.
package struct SettingProblem: Sendable, Equatable {
  /// Where: keys, and places in lists; none for the whole.
  package var path: [String]
  package var found: String
  package var expected: String
  package var hint: String?

  package init(_ path: [String] = [], found: String, expected: String, hint: String? = nil) {
    self.path = path
    self.found = found
    self.expected = expected
    self.hint = hint
  }
}
