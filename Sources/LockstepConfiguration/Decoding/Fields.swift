import LockstepDeclarations
import LockstepFormats

/// The keys of one mapping. Every key asked for is a key allowed; what remains when the reading ends is unknown,
/// and reported with the nearest allowed one.
struct Fields {
  let path: String
  let location: ConfigurationLocation
  let diagnostics: Diagnostics
  /// Those that were written here, and those taken from the mapping around this one.
  private var entries: [ConfigurationNode.Entry]
  private(set) var known: [String] = []
  /// Keys that are missing, with what to say about them: said at the end, unless a misspelt one explains it.
  private var missing: [(keys: [String], error: ConfigurationError)] = []
  /// Paths of sections that are missing, and read all the same, because their keys may stand here without their name.
  private var unnamed: [String] = []
  /// Keys that the mapping around this one does not know.
  private let outer: StrayKeys?
  /// Keys that this one does not know.
  let strays: StrayKeys

  /// Where keys tell what they take instead of being read.
  private(set) var schema: KeySchemas?

  /// Whether a key without a value is as good as none. Not where keys are on offer to a section without a value.
  private let leavesOutNull: Bool

  init(
    _ entries: [ConfigurationNode.Entry], _ field: Field, offering strays: StrayKeys, leavesOutNull: Bool
  ) {
    self.entries = entries
    self.leavesOutNull = leavesOutNull
    path = field.path
    location = field.location
    diagnostics = field.diagnostics
    outer = field.strays
    self.strays = strays
    schema = field.schema.map { KeySchemas(of: $0) }
  }

  /// The value of `key`, if it is given. `null`, or nothing after the colon, is the same as leaving it out.
  ///
  /// - Parameters:
  ///   - sentence: what it does.
  ///   - value: what it is where it is not given, and that is one value.
  mutating func optional(_ key: String, _ sentence: String, default value: ResolvedValue? = nil) -> Field? {
    if schema != nil { return schema?.optional(key, sentence, default: value) }
    return self.value(under: key)
  }

  /// The value of `key`, if it is given, for a key that a schema is told of elsewhere.
  mutating func value(under key: String) -> Field? {
    note(key)
    if let entry = given.first(where: { $0.key == key }) {
      outer?.note(key, in: path)
      return field(entry, strays: strays)
    }
    guard let entry = outer?.take(key, for: path) else { return nil }
    entries.append(entry)
    return field(entry, strays: outer)
  }

  private var given: [ConfigurationNode.Entry] {
    leavesOutNull ? entries.filter { $0.value.content != .nothing } : entries
  }

  private mutating func note(_ key: String) {
    if !known.contains(key) { known.append(key) }
  }

  private func field(_ entry: ConfigurationNode.Entry, strays: StrayKeys?) -> Field {
    Field(node: entry.value, path: Path.child(entry.key, of: path), diagnostics: diagnostics, strays: strays)
  }

  /// The value of `key`; a key that is missing is reported, and so is one without a value.
  ///
  /// - Parameters:
  ///   - sentence: what it does.
  ///   - expected: what must stand there.
  mutating func required(_ key: String, _ sentence: String, expected: String) -> Field? {
    if schema != nil { return schema?.required(key, sentence) }
    if let field = value(under: key) { return field }
    if let entry = entries.first(where: { $0.key == key }) { return field(entry, strays: strays) }
    let error = ConfigurationError(at: location, path: Path.child(key, of: path), found: "nothing", expected: expected)
    missing.append(([key], error))
    guard path.isEmpty, strays.isSecondReading else { return nil }
    unnamed.append(error.path)
    return Field(
      node: ConfigurationNode(.nothing, at: location), path: error.path, diagnostics: diagnostics, strays: strays)
  }

  /// The value of `key`, which must be given unless `other` is, as `isGiven` says.
  mutating func required(
    _ key: String, _ sentence: String, unless other: String, _ isGiven: Bool, expected: String
  ) -> Field? {
    guard !isDescribing else {
      schema?.exactlyOne(of: [other, key])
      return optional(key, sentence)
    }
    return isGiven ? value(under: key) : required(key, sentence, expected: expected)
  }

  /// Tells of a key that `today` once was called; nothing where keys are read.
  mutating func former(_ key: String, of today: String) -> Field? { schema?.former(key, of: today) }

  var isDescribing: Bool { schema != nil }

  mutating func integer(_ key: String, _ rule: IntegerRule, _ sentence: String, default value: Int) -> Int {
    optional(key, sentence, default: .integer(value))?.integer(rule) ?? value
  }

  mutating func requiredInteger(_ key: String, _ rule: IntegerRule, _ sentence: String) -> Int {
    required(key, sentence, expected: rule.text)?.integer(rule) ?? rule.range.lowerBound
  }

  mutating func flag(_ key: String, _ sentence: String, default value: Bool) -> Bool {
    optional(key, sentence, default: .flag(value))?.flag() ?? value
  }

  mutating func word<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ sentence: String, default value: Value
  ) -> Value {
    optional(key, sentence, default: .text(value.rawValue))?.word() ?? value
  }

  /// Reads the one of several keys that is given; none and several are reported, the latter at the second.
  mutating func exactlyOne<Value>(of choices: [KeyReader<Value>]) -> Value? {
    let keys = choices.map(\.key)
    guard !isDescribing else {
      for choice in choices { _ = optional(choice.key, choice.sentence).flatMap(choice.read) }
      schema?.exactlyOne(of: keys)
      return nil
    }
    // With one of them written here, another around this mapping is no slip of the indentation.
    let isWritten = given.contains { keys.contains($0.key) }
    let found = choices.compactMap { choice -> (choice: KeyReader<Value>, field: Field)? in
      note(choice.key)
      return isWritten && !given.contains { $0.key == choice.key } ? nil : value(under: choice.key).map { (choice, $0) }
    }
    if found.count == 1 { return found[0].choice.read(found[0].field) }
    let list = keys.joined(separator: " or ")
    if found.isEmpty {
      let error = ConfigurationError(
        at: location, path: path, found: "neither \(keys.joined(separator: " nor "))",
        expected: "exactly one of \(list)")
      missing.append((keys, error))
    } else {
      let second = given.filter { keys.contains($0.key) }[1]
      diagnostics.report(
        at: second.keyLocation, path: Path.child(second.key, of: path),
        found: "both \(found.map(\.choice.key).joined(separator: " and "))",
        expected: "exactly one of \(list)")
    }
    return nil
  }

  /// Whether `key` is given, without asking for its value.
  func has(_ key: String) -> Bool { given.contains { $0.key == key } || outer?.holds(key, for: path) == true }

  /// Whether `key` is written, with a value or without.
  func isWritten(_ key: String) -> Bool { entries.contains { $0.key == key } || outer?.holds(key, for: path) == true }

  var unknown: [ConfigurationNode.Entry] { entries.filter { !known.contains($0.key) } }

  /// Reports the keys that no one asked for, and those that were asked for in vain.
  func reportRest() {
    reportStrays()
    let open = known.filter { key in !entries.contains { $0.key == key } }
    var meant: Set<String> = []
    for entry in unknown where !strays.wasTaken(entry.key) && !diagnostics.isFull {
      let place = strays.section(with: entry.key).map { "it stands in \(Path.lastKey(of: $0)) already" }
      let advice = place.map { (name: nil, text: $0) } ?? ForeignWords.advice(forKey: entry, in: path, taking: known)
      let nearest =
        place == nil
        ? advice?.name ?? NearestName.of(entry.key, among: open) ?? NearestName.of(entry.key, among: known) : nil
      if let nearest { meant.insert(nearest) }
      diagnostics.report(
        at: entry.keyLocation, path: Path.child(Display.plain(entry.key), of: path), found: "an unknown key",
        expected: known.isEmpty
          ? "no keys here" : known.count == 1 ? "only \(known[0])" : "one of \(known.joined(separator: ", "))",
        hint: advice?.text ?? nearest.map { "did you mean \($0)?" })
    }
    reportMissing(unless: meant)
  }

  /// The keys that stand beside the section that they belong into, an error a section.
  private func reportStrays() {
    for (section, entries) in strays.sections {
      guard let first = entries.first else { continue }
      let it = entries.count == 1 ? "it" : "them"
      let names = Self.list(["it"] + entries.dropFirst().map { Display.plain($0.key) })
      let name = Path.lastKey(of: section)
      let hint =
        first.keyLocation.line == nil
        ? "--set \(section).\(first.key)=…"
        : unnamed.contains(section)
          ? "write \(name): above \(it), and indent \(it) below" : "indent \(it) below \(name):"
      diagnostics.report(
        at: first.keyLocation, path: Path.child(first.key, of: path),
        found: "\(names) \(unnamed.contains(section) ? "without" : "beside") \(name)",
        expected: "\(it) in \(name)", hint: hint)
    }
  }

  private func reportMissing(unless meant: Set<String>) {
    for section in unnamed where !strays.hasTaken(for: section) {
      // It is not there at all, which is said below: not what it lacks.
      diagnostics.remove(under: section)
    }
    let rest = missing.filter { keys, error in
      meant.isDisjoint(with: keys) && !(unnamed.contains(error.path) && strays.hasTaken(for: error.path))
    }
    guard entries.isEmpty, rest.count > 1 else {
      for (_, error) in rest { diagnostics.report(error) }
      return
    }
    // An empty mapping gets one line, not one for every key that is missing.
    let needed = rest.map { $0.keys.joined(separator: " or ") }
    diagnostics.report(
      at: location, path: path, found: "nothing",
      expected: Self.list(needed))
  }

  /// `a, b and c`.
  private static func list(_ words: [String]) -> String {
    let start = words.dropLast().joined(separator: ", ")
    return start.isEmpty ? words.last ?? "" : "\(start) and \(words.last ?? "")"
  }
}

/// A key, what it does, and how its value is read.
struct KeyReader<Value> {
  let key: String
  let sentence: String
  let read: (Field) -> Value?

  init(_ key: String, _ sentence: String, _ read: @escaping (Field) -> Value?) {
    (self.key, self.sentence, self.read) = (key, sentence, read)
  }
}
