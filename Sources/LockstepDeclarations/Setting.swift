/// One setting of what is declared: its key, what it takes, and what it does, in a sentence.
package struct Setting<Value: Sendable>: Sendable {
  package let description: SettingDescription
  package let encode: @Sendable (Value) -> SettingValue?
  package let decode: @Sendable (SettingValue) -> Value?
  /// What it is where it is not given and follows from the others; nil where its default is the standard value's.
  let nothing: Value?

  private init(
    _ description: SettingDescription, nothing: Value? = nil, encode: @escaping @Sendable (Value) -> SettingValue?,
    decode: @escaping @Sendable (SettingValue) -> Value?
  ) {
    (self.description, self.nothing) = (description, nothing)
    (self.encode, self.decode) = (encode, decode)
  }

  private init(
    _ key: String, _ type: SettingType, _ sentence: String, encode: @escaping @Sendable (Value) -> SettingValue?,
    decode: @escaping @Sendable (SettingValue) -> Value?
  ) {
    self.init(
      SettingDescription(key: key, type: type, sentence: sentence, presence: .optional),
      encode: encode, decode: decode)
  }

  /// It is also read under the key that it once had, which is not written any more.
  package func formerly(_ key: String) -> Setting {
    var description = description
    description.formerKey = key
    return Setting(description, nothing: nothing, encode: encode, decode: decode)
  }

  private func with(_ presence: SettingDescription.Presence, missing: String? = nil) -> Setting {
    var description = description
    description.presence = presence
    description.missingText = missing ?? description.missingText
    return Setting(description, encode: encode, decode: decode)
  }

  /// It must be given.
  package var required: Setting { with(.required) }

  /// It must be given; `missing` is what is expected where it is not.
  package func required(_ missing: String) -> Setting { with(.required, missing: missing) }

  /// It follows from the others where it is not given: nil then.
  package var following: Setting<Value?> {
    Setting<Value?>(with(.following).description, nothing: .some(nil)) {
      $0.flatMap(encode)
    } decode: {
      .some(decode($0))
    }
  }

  /// A list of what it takes.
  package func list(_ rule: ListRule) -> Setting<[Value]> {
    let (encode, decode) = (encode, decode)
    return Setting<[Value]>(description.key, .list(of: description.type, rule), description.sentence) {
      .list($0.compactMap(encode))
    } decode: {
      if case .list(let values) = $0 { values.compactMap(decode) } else { nil }
    }
  }

  /// Nil where it has no place; `absence` is what is expected there.
  package func absent(_ absence: String) -> Setting<Value?> {
    Setting<Value?>(with(.absent(absence)).description) {
      $0.flatMap(encode)
    } decode: {
      .some(decode($0))
    }
  }
}

/// A setting without its type.
package struct SettingDescription: Sendable {
  package enum Presence: Sendable, Equatable {
    /// It has a default.
    case optional
    case required
    /// Its default follows from the other settings.
    case following
    /// It has a place beside some values of the others alone; elsewhere this is expected.
    case absent(String)
  }

  package let key: String
  package let type: SettingType
  package let sentence: String
  package internal(set) var presence: Presence
  /// The key that it once had.
  package internal(set) var formerKey: String?
  var missingText: String?

  /// What is expected where a required one is missing. Asked for when needed: layers hold layers.
  package var missing: String { missingText ?? type.text }
}

extension Setting where Value == Int {
  package static func integer(_ key: String, _ rule: IntegerRule, _ sentence: String) -> Setting {
    Setting(key, .integer(rule), sentence) {
      .integer($0)
    } decode: {
      if case .integer(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == Double {
  package static func number(_ key: String, _ rule: NumberRule, _ sentence: String) -> Setting {
    Setting(key, .number(rule), sentence) {
      .number($0)
    } decode: {
      if case .number(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == Float {
  /// A number that is used in float32.
  package static func single(_ key: String, _ rule: NumberRule, _ sentence: String) -> Setting {
    Setting(key, .single(rule), sentence) {
      .single($0)
    } decode: {
      if case .single(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == Bool {
  package static func flag(_ key: String, _ sentence: String) -> Setting {
    Setting(key, .flag, sentence) {
      .flag($0)
    } decode: {
      if case .flag(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == Interval {
  /// A length of training, in steps or in epochs.
  package static func interval(_ key: String, _ rule: IntegerRule, _ sentence: String) -> Setting {
    Setting(key, .interval(rule), sentence) {
      .interval($0)
    } decode: {
      if case .interval(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == Extent {
  /// Rows and columns; a number alone for as many of both.
  package static func extent(_ key: String, _ rule: IntegerRule, _ sentence: String) -> Setting {
    Setting(key, .extent(rule), sentence) {
      .extent($0)
    } decode: {
      if case .extent(let value) = $0 { value } else { nil }
    }
  }
}

extension Setting where Value == String {
  /// What a program calls something of its own.
  package static func name(_ key: String, _ sentence: String) -> Setting {
    Setting(key, .name, sentence) {
      .word($0)
    } decode: {
      if case .word(let name) = $0 { name } else { nil }
    }
  }
}

extension Setting where Value: RawRepresentable<String> & CaseIterable {
  /// One of the words of an enumeration.
  package static func word(_ key: String, _ type: Value.Type, _ sentence: String) -> Setting {
    Setting(key, .word(Word.all(of: Value.self)), sentence) {
      .word($0.rawValue)
    } decode: {
      if case .word(let word) = $0 { Value(rawValue: word) } else { nil }
    }
  }
}

extension Setting where Value: Declared {
  /// One of the things that are declared together.
  ///
  /// - Parameter noun: what one is called here, where that is not what it is called everywhere.
  package static func thing(
    _ key: String, _ type: Value.Type, noun: String = Value.noun, _ sentence: String
  ) -> Setting {
    Setting(key, .thing(Catalogue(noun) { Value.catalogue.descriptions }), sentence) {
      .thing($0.declared)
    } decode: {
      if case .thing(let declared) = $0 { Value(declared) } else { nil }
    }
  }
}
