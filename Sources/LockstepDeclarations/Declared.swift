/// A family of things that are declared together: activations, layers, optimizers.
package protocol Declared: Sendable {
  /// What one of them is called: `activation`.
  static var noun: String { get }
  /// All that there are. Where several have a value, the first names it.
  static var declarations: [Declaration<Self>] { get }
}

extension Declared {
  package static var catalogue: Catalogue { Catalogue(noun) { declarations.map(\.description) } }

  /// Its name and settings.
  package var declared: DeclaredValue {
    for declaration in Self.declarations {
      if let settings = declaration.take(self) {
        return DeclaredValue(name: declaration.description.name, settings: settings)
      }
    }
    preconditionFailure("\(self) is not among the declarations of its family")
  }

  /// What is declared under a name; nil where nothing is.
  package init?(_ declared: DeclaredValue) {
    guard let declaration = Self.declarations.first(where: { $0.description.name == declared.name }) else {
      return nil
    }
    self = declaration.make(declared.settings)
  }

  /// What is wrong with its settings, those of what it holds among them; none where it can be used.
  package var problems: [SettingProblem] { Self.catalogue.problems(declared) }
}

extension Setting {
  /// What is wrong with a value made in code, under the setting's key; none where it obeys its rule.
  package func problems(of value: Value) -> [SettingProblem] {
    encode(value).map { description.type.problems($0, [description.key]) } ?? []
  }
}

extension [SettingProblem] {
  /// These as those of a part that stands under `path`.
  package func under(_ path: String...) -> [SettingProblem] {
    map { problem in
      var problem = problem
      problem.path = path + problem.path
      return problem
    }
  }
}

extension Catalogue {
  /// The settings that a thing has, by key.
  package func settings(of declared: DeclaredValue) -> [(key: String, value: SettingValue)] {
    let description = descriptions.first { $0.name == declared.name }
    return zip(description?.settings ?? [], declared.settings).compactMap { setting, value in
      value.map { (setting.key, $0) }
    }
  }

  /// What is wrong with what a program calls something of its own, where that obeys `NameRule`.
  package func problems(ofOwn name: String) -> [SettingProblem] {
    names.contains(name) ? [SettingProblem(["name"], found: name, expected: "a name that no \(noun) has")] : []
  }

  func problems(_ declared: DeclaredValue) -> [SettingProblem] {
    guard let description = descriptions.first(where: { $0.name == declared.name }) else { return [] }
    return description.problems(of: declared.settings).map { problem in
      var problem = problem
      // What is written with its main setting alone has no key for it.
      if description.short != nil, problem.path.first == description.main { problem.path.removeFirst() }
      problem.path.insert(declared.name, at: 0)
      return problem
    }
  }
}

extension Description {
  /// What is wrong with the values of its settings.
  package func problems(of values: [SettingValue?]) -> [SettingProblem] {
    let own = zip(settings, values).flatMap { setting, value in
      value.map { setting.type.problems($0, [setting.key]) } ?? []
    }
    return own.isEmpty ? problems(values) : own
  }
}

extension SettingType {
  /// What is wrong with a value made in code: the rule that a file's must obey, in its words.
  package func problems(_ value: SettingValue, _ path: [String]) -> [SettingProblem] {
    switch (self, value) {
    case (.integer(let rule), .integer(let number)):
      return rule.range.contains(number) ? [] : [SettingProblem(path, found: "\(number)", expected: rule.text)]
    case (.number(let rule), .number(let number)):
      return number.isFinite && rule.holds(number)
        ? [] : [SettingProblem(path, found: "\(number)", expected: rule.text)]
    case (.single(let rule), .single(let number)):
      return number.isFinite && rule.holds(Double(number))
        ? [] : [SettingProblem(path, found: "\(number)", expected: rule.text)]
    case (.interval(let rule), .interval(let interval)):
      return rule.range.contains(interval.count)
        ? [] : [SettingProblem(path, found: "\(interval.count)", expected: rule.text)]
    case (.extent(let rule), .extent(let extent)):
      return rule.range.contains(extent.height) && rule.range.contains(extent.width)
        ? [] : [SettingProblem(path, found: extent.text, expected: self.text)]
    case (.name, .word(let name)):
      return NameRule.holds(name) ? [] : [SettingProblem(path, found: name, expected: text)]
    case (.list(let element, let rule), .list(let values)):
      if values.isEmpty, let name = rule.element {
        return [SettingProblem(path, found: "an empty list", expected: "at least one \(name)")]
      }
      return values.enumerated().flatMap { element.problems($1, path + ["\($0)"]) }
    case (.thing(let catalogue), .thing(let declared)):
      return catalogue.problems(declared).map { problem in
        var problem = problem
        problem.path = path + problem.path
        return problem
      }
    // A flag and a word of an enumeration cannot be wrong, and a value is of its setting's type.
    case (.flag, _), (.word, _), (.name, _), (.integer, _), (.number, _), (.single, _), (.interval, _), (.extent, _),
      (.list, _),
      (.thing, _):
      return []
    }
  }
}
