/// The keys of one mapping. Every key asked for is a key allowed; what remains when the reading ends is unknown,
/// and reported with the nearest allowed one.
struct Fields {
  let path: String
  let location: ConfigurationLocation
  let diagnostics: Diagnostics
  private let entries: [ConfigurationNode.Entry]
  fileprivate private(set) var known: [String] = []
  /// Keys that are missing, with what to say about them: said at the end, unless a misspelt one explains it.
  private var missing: [(keys: [String], error: ConfigurationError)] = []

  fileprivate init(_ entries: [ConfigurationNode.Entry], _ field: Field) {
    self.entries = entries
    path = field.path
    location = field.location
    diagnostics = field.diagnostics
  }

  /// The value of `key`, if it is given.
  mutating func optional(_ key: String) -> Field? {
    known.append(key)
    return entries.first { $0.key == key }.map {
      Field(node: $0.value, path: Path.child(key, of: path), diagnostics: diagnostics)
    }
  }

  /// The value of `key`; a key that is missing is reported, and so is one without a value.
  mutating func required(_ key: String, _ expected: String) -> Field? {
    if let field = optional(key) { return field }
    let error = ConfigurationError(at: location, path: Path.child(key, of: path), found: "nothing", expected: expected)
    missing.append(([key], error))
    return nil
  }

  mutating func integer(_ key: String, _ rule: IntegerRule, default value: Int) -> Int {
    optional(key)?.integer(rule) ?? value
  }

  mutating func requiredInteger(_ key: String, _ rule: IntegerRule) -> Int {
    required(key, rule.text)?.integer(rule) ?? rule.range.lowerBound
  }

  mutating func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ key: String, _ rule: NumberRule, default value: Value
  ) -> Value {
    optional(key)?.number(rule) ?? value
  }

  mutating func flag(_ key: String, default value: Bool) -> Bool {
    optional(key)?.flag() ?? value
  }

  mutating func word<Value: RawRepresentable<String> & CaseIterable>(_ key: String, default value: Value) -> Value {
    optional(key)?.word() ?? value
  }

  /// The one of `keys` that is given; none and several are reported, the latter at the second.
  mutating func exactlyOne(of keys: [String]) -> (key: String, field: Field)? {
    let given = keys.compactMap { key in optional(key).map { (key, $0) } }
    if given.count == 1 { return given.first }
    let list = keys.joined(separator: " or ")
    if given.isEmpty {
      let error = ConfigurationError(
        at: location, path: path, found: "neither \(keys.joined(separator: " nor "))",
        expected: "exactly one of \(list)")
      missing.append((keys, error))
    } else {
      let second = entries.filter { keys.contains($0.key) }[1]
      diagnostics.report(
        at: second.keyLocation, path: Path.child(second.key, of: path),
        found: "both \(given.map(\.0).joined(separator: " and "))",
        expected: "exactly one of \(list)")
    }
    return nil
  }

  /// Whether `key` is given, without asking for its value.
  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  /// Reports the keys that no one asked for, and those that were asked for in vain.
  fileprivate func reportRest() {
    let open = known.filter { key in !entries.contains { $0.key == key } }
    var meant: Set<String> = []
    for entry in entries where !known.contains(entry.key) && !diagnostics.isFull {
      let nearest = NearestName.of(entry.key, among: open) ?? NearestName.of(entry.key, among: known)
      if let nearest { meant.insert(nearest) }
      diagnostics.report(
        at: entry.keyLocation, path: Path.child(Display.plain(entry.key), of: path), found: "an unknown key",
        expected: known.isEmpty
          ? "no keys here" : known.count == 1 ? "only \(known[0])" : "one of \(known.joined(separator: ", "))",
        hint: nearest.map { "did you mean \($0)?" })
    }
    for (keys, error) in missing where meant.isDisjoint(with: keys) { diagnostics.report(error) }
  }
}

extension Field {
  /// Reads a mapping, `nothing` being an empty one, and reports the keys that `body` did not ask for.
  func mapping<Value>(_ expected: String = "a mapping", _ body: (inout Fields) -> Value) -> Value? {
    let entries: [ConfigurationNode.Entry]
    switch node.content {
    case .mapping(let given): entries = given
    case .nothing: entries = []
    default:
      report(expected: "\(expected)\(exampleKeys(body))")
      return nil
    }
    var fields = Fields(entries, self)
    let value = body(&fields)
    fields.reportRest()
    return value
  }
}

extension Field {
  /// The keys that `body` would ask for, found by letting it read an empty mapping.
  private func exampleKeys<Value>(_ body: (inout Fields) -> Value) -> String {
    let empty = ConfigurationNode(.mapping([]), at: location)
    var fields = Fields([], Field(node: empty, path: path, diagnostics: Diagnostics()))
    _ = body(&fields)
    let keys = fields.known
    return keys.isEmpty ? "" : " with \(keys.count == 1 ? "the key" : "keys of") \(keys.joined(separator: ", "))"
  }
}

/// One of the things that a name can stand for, and how its parameters are read: `relu`, `dropout: {rate: 0.2}`.
struct Kind<Value> {
  let name: String
  /// Reads the value after the name; a name alone comes with an empty mapping.
  let read: (Field) -> Value?

  init(_ name: String, reading read: @escaping (Field) -> Value?) {
    self.name = name
    self.read = read
  }

  init(_ name: String, parameters: @escaping (inout Fields) -> Value) {
    self.init(name) { field in field.mapping("parameters in braces, \(name): {…},", parameters) }
  }

  /// A kind without parameters.
  init(_ name: String, _ value: Value) {
    self.init(name) { field in field.mapping("no parameters") { _ in value } }
  }
}

extension Field {
  /// Reads a name alone, which takes its defaults, or one name with its parameters in braces.
  func named<Value>(_ what: String, _ kinds: [Kind<Value>]) -> Value? {
    if diagnostics.isFull { return nil }
    let names = kinds.map(\.name)
    func kind(_ name: String, at location: ConfigurationLocation, isKey: Bool) -> Kind<Value>? {
      if let kind = kinds.first(where: { $0.name == name }) { return kind }
      diagnostics.report(
        at: location, path: isKey ? Path.child(Display.plain(name), of: path) : path,
        found: isKey ? "an unknown \(what)" : "the unknown \(what) \(Display.plain(name))",
        expected: "one of \(names.joined(separator: ", "))",
        hint: NearestName.hint(for: name, among: names))
      return nil
    }
    switch node.content {
    case .scalar(let name, _):
      let empty = ConfigurationNode(.mapping([]), at: location, isOverride: node.isOverride)
      return kind(name, at: location, isKey: false)?.read(
        Field(node: empty, path: Path.child(name, of: path), diagnostics: diagnostics))
    case .mapping(let entries) where entries.count == 1:
      let entry = entries[0]
      let field = Field(node: entry.value, path: Path.child(entry.key, of: path), diagnostics: diagnostics)
      return kind(entry.key, at: entry.keyLocation, isKey: true)?.read(field)
    case .mapping(let entries) where entries.count > 1:
      let known = entries.filter { names.contains($0.key) }
      let hint =
        known.count == 1
        ? "parameters stand in braces: \(known[0].key): {\(entries.first { $0.key != known[0].key }.map { Display.plain($0.key) } ?? ""): …}"
        : nil
      diagnostics.report(
        at: entries[1].keyLocation, path: path,
        found: "\(entries.count) keys, \(entries.prefix(4).map { Display.plain($0.key) }.joined(separator: ", "))",
        expected: "one \(what)", hint: hint)
      return nil
    default:
      report(expected: "a \(what), one of \(names.joined(separator: ", "))")
      return nil
    }
  }
}
