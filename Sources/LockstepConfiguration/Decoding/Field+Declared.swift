import LockstepDeclarations

extension Field {
  /// One of the things that are declared together: its name, alone or with its settings in braces.
  func declared<Value: Declared>(_ type: Value.Type = Value.self, beside further: Besides<Value>? = nil) -> Value? {
    named(Value.noun, Value.declarations.map { NamedReader($0, beside: further) })
  }

  /// The settings of the only thing of its kind, whose name is the key of this field.
  func settings<Value: Declared>(of type: Value.Type = Value.self) -> Value? {
    guard let declaration = Value.declarations.first else { return nil }
    let description = declaration.description
    return mapping(main: description.main) { declaration.value($0.read(description)) }
  }

  /// The value of a setting.
  func value<Value>(of setting: Setting<Value>) -> Value? {
    value(setting.description.type).flatMap(setting.decode)
  }

  /// A value of a type that settings have.
  func value(_ type: SettingType) -> SettingValue? {
    switch type {
    case .integer(let rule): return integer(rule).map { .integer($0) }
    case .number(let rule): return number(rule, as: Double.self).map { .number($0) }
    case .single(let rule): return number(rule, as: Float.self).map { .single($0) }
    case .flag: return flag().map { .flag($0) }
    case .word(let words): return word(among: words).map { .word($0) }
    case .name: return name().map { .word($0) }
    case .interval(let rule): return interval(rule).map { .interval($0) }
    case .extent(let rule): return extent(rule, type.text).map { .extent($0) }
    case .list(let element, let rule):
      guard let items = list(rule.text, hint: rule.hint, atLeast: rule.element == nil ? 0 : 1) else { return nil }
      if items.isEmpty, let name = rule.element { report(found: "an empty list", expected: "at least one \(name)") }
      let values = items.compactMap { $0.value(element) }
      return values.count == items.count && !(items.isEmpty && rule.element != nil) ? .list(values) : nil
    case .thing(let catalogue):
      return named(
        catalogue.noun,
        catalogue.descriptions.map { description in
          NamedReader(description) { .thing(DeclaredValue(name: description.name, settings: $0)) }
        })
    }
  }
}

extension Field {
  /// Steps or epochs; a number alone means steps.
  func interval(_ rule: IntegerRule) -> Interval? {
    either(isNumber) {
      $0.integer(rule).map { .steps($0) }
    } or: {
      $0.mapping("a number of steps or a mapping") { $0.stepsOrEpochs(rule) } ?? nil
    }
  }
}

extension Field {
  /// What a program calls something of its own.
  func name() -> String? {
    guard let name = text(NameRule.text) else { return nil }
    if NameRule.holds(name) { return name }
    report(expected: NameRule.text)
    return nil
  }

  /// A number for both rows and columns, or a list of the two.
  func extent(_ rule: IntegerRule, _ expected: String) -> Extent? {
    either(!isList) {
      $0.integer(rule).map { Extent($0, $0) }
    } or: { field in
      guard let items = field.list(expected, atLeast: 2) else { return nil }
      let sides = items.compactMap { $0.integer(rule) }
      if items.count != 2 { field.report(found: "\(items.count) numbers", expected: expected) }
      return sides.count == 2 && items.count == 2 ? Extent(sides[0], sides[1]) : nil
    }
  }
}

extension Fields {
  /// `steps` or `epochs`, exactly one.
  mutating func stepsOrEpochs(_ rule: IntegerRule) -> Interval? {
    exactlyOne(of: [
      KeyReader("steps", "updates of the weights") { $0.integer(rule).map { .steps($0) } },
      KeyReader("epochs", "passes over the training samples") { $0.integer(rule).map { .epochs($0) } },
    ])
  }
}

/// Reads keys that stand among the settings of a thing without being its own; called after these with the thing.
typealias Besides<Value> = (inout Fields, Value) -> Void

extension NamedReader {
  init(_ description: Description, _ make: @escaping ([SettingValue?]) -> Value) {
    self.init(
      description, reading: { fields in make(fields.read(description)) }, make: make)
  }

  init(_ declaration: Declaration<Value>, beside further: Besides<Value>? = nil) where Value: Sendable {
    self.init(
      declaration.description, hasOthers: further != nil,
      reading: { fields in
        let value = declaration.value(fields.read(declaration.description))
        further?(&fields, value)
        return value
      }, make: declaration.value)
  }

  /// - Parameters:
  ///   - hasOthers: whether there are keys that are none of its settings.
  ///   - make: makes it of its settings, for what is written with the first of them alone.
  private init(
    _ description: Description, hasOthers: Bool = false, reading body: @escaping (inout Fields) -> Value,
    make: @escaping ([SettingValue?]) -> Value
  ) {
    let name = description.name
    guard let short = description.short else {
      let expected =
        description.settings.isEmpty && !hasOthers ? "no parameters" : Self.braces(name, description.main)
      self.init(name, description.sentence, main: description.main) {
        $0.mapping(expected, main: description.main, body)
      }
      return
    }
    self.init(name, description.sentence) { field in
      field.either(field.isList) { field in
        let others = [SettingValue?](repeating: nil, count: description.settings.count - 1)
        return field.value(description.settings[0].type).map { make([$0] + others) }
      } or: {
        $0.mapping(short, body)
      }
    }
  }
}

extension Fields {
  /// The settings of the only thing of its kind, whose name is `key`; nil where it is not given.
  mutating func settings<Value: Declared>(_ key: String, of type: Value.Type) -> Value? {
    optional(key, Value.declarations[0].description.sentence)?.settings()
  }

  /// The value of a setting; nil where it is not given, or does not obey its rule, which is reported.
  mutating func optional<Value>(_ setting: Setting<Value>) -> Value? {
    optional(setting.description.key, setting.description.sentence)?.value(of: setting)
  }

  /// The value of a setting; `value` where it is not given, or does not obey its rule, which is reported.
  mutating func optional<Value>(_ setting: Setting<Value>, default value: Value) -> Value {
    let (description, standard) = (setting.description, setting.encode(value))
    let field = optional(
      description.key, description.sentence, default: standard.map { Encode.resolved($0, description.type) })
    return field?.value(of: setting) ?? value
  }

  /// The value of a setting that must be given; nil where it is not, or does not obey its rule, which is reported.
  mutating func required<Value>(_ setting: Setting<Value>) -> Value? {
    required(setting.description.key, setting.description.sentence, expected: setting.description.missing)?.value(
      of: setting)
  }

  /// The values of all settings in their order, nil for one that is not given. What does not obey its rule, alone or
  /// beside the others, is reported.
  ///
  /// - Parameter types: by key, of settings that take something else here.
  mutating func read(_ description: Description, with types: [String: SettingType] = [:]) -> [SettingValue?] {
    if isDescribing { return describe(description) }
    var given: [Field?] = []
    var values: [SettingValue?] = []
    var isComplete = true
    for setting in description.settings {
      // The key that it once had is read where the one of today is not written.
      let former = isWritten(setting.key) ? nil : setting.formerKey.flatMap { isWritten($0) ? $0 : nil }
      let key = former ?? setting.key
      let field =
        setting.presence == .required
        ? required(key, setting.sentence, expected: setting.missing) : optional(key, setting.sentence)
      let value = field?.value(types[setting.key] ?? setting.type)
      given.append(field)
      values.append(value)
      if value == nil, field != nil || setting.presence == .required { isComplete = false }
    }
    guard isComplete else { return values }
    for (place, value) in description.settle(values).enumerated() where value == nil {
      if case .absent(let expected) = description.settings[place].presence { given[place]?.report(expected: expected) }
    }
    for problem in description.problems(values) { report(problem, description, given) }
    return values
  }

  /// Tells of the settings instead of reading them.
  private mutating func describe(_ description: Description) -> [SettingValue?] {
    let nothing = [SettingValue?](repeating: nil, count: description.settings.count)
    for (setting, standard) in zip(description.settings, description.settle(nothing)) {
      let value = setting.presence == .following ? nil : standard.map { Encode.resolved($0, setting.type) }
      let field =
        setting.presence == .required
        ? required(setting.key, setting.sentence, expected: setting.missing)
        : optional(setting.key, setting.sentence, default: value)
      _ = field?.value(setting.type)
      if let key = setting.formerKey { _ = former(key, of: setting.key)?.value(setting.type) }
    }
    return nothing
  }

  /// Reports a problem where the setting that it is about is written.
  private func report(_ problem: SettingProblem, _ description: Description, _ given: [Field?]) {
    var place = Field(node: ConfigurationNode(.nothing, at: location), path: path, diagnostics: diagnostics)
    if let key = problem.path.first, let index = description.settings.firstIndex(where: { $0.key == key }),
      let field = given[index]
    {
      place = field
      if problem.path.count > 1, let item = Int(problem.path[1]), let items = field.list(""), item < items.count {
        place = items[item]
      }
    }
    place.report(found: problem.found, expected: problem.expected, hint: problem.hint)
  }
}
