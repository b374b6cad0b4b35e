import LockstepFormats

/// One of the things that a name can stand for, and how its parameters are read: `relu`, `dropout: {rate: 0.2}`.
struct NamedReader<Value> {
  let name: String
  /// What it is.
  let sentence: String
  /// The parameter that stands for all where it is given alone: `dropout: 0.2`. Where a kind has several, none of which
  /// says the thing, there is none.
  let main: String?
  /// Reads the value after the name; a name alone comes with an empty mapping.
  let read: (Field) -> Value?

  init(_ name: String, _ sentence: String, main: String? = nil, reading read: @escaping (Field) -> Value?) {
    (self.name, self.sentence, self.main, self.read) = (name, sentence, main, read)
  }

  /// What is expected after the name.
  static func braces(_ name: String, _ main: String? = nil) -> String {
    "parameters in braces, \(name): {…},\(main.map { " or its \($0) alone," } ?? "")"
  }
}

extension Field {
  /// Reads a name alone, which takes its defaults, or one name with its parameters in braces.
  func named<Value>(_ what: String, _ kinds: [NamedReader<Value>]) -> Value? {
    if let schema { return schema.take(named: what, kinds) }
    if diagnostics.isFull { return nil }
    switch node.content {
    case .scalar(let name, _):
      let empty = ConfigurationNode(.mapping([]), at: location, isOverride: node.isOverride)
      return kind(name, of: what, kinds, at: location, isKey: false)?.read(
        Field(node: empty, path: Path.child(name, of: path), diagnostics: diagnostics))
    case .mapping(let entries) where entries.count == 1:
      return read(entries[0], of: what, kinds)
    case .mapping(let entries) where entries.count > 1:
      reportSeveral(entries, what, kinds)
      return nil
    case .nothing:
      // The name may stand beside it, one level too high.
      let found = kinds.compactMap { kind in strays?.take(kind.name, for: path) }.first
      guard let found else { fallthrough }
      return read(found, of: what, kinds, strays: strays)
    default:
      let article = what.first.map { "aeiou".contains($0) } == true ? "an" : "a"
      report(expected: "\(article) \(what), one of \(kinds.map(\.name).joined(separator: ", "))")
      return nil
    }
  }

  private func read<Value>(
    _ entry: ConfigurationNode.Entry, of what: String, _ kinds: [NamedReader<Value>], strays: StrayKeys? = nil
  ) -> Value? {
    let field = Field(
      node: entry.value, path: Path.child(entry.key, of: path), diagnostics: diagnostics, strays: strays)
    return kind(entry.key, of: what, kinds, at: entry.keyLocation, isKey: true, value: entry.value)?.read(field)
  }

  /// The kind called `name`; another name is reported.
  private func kind<Value>(
    _ name: String, of what: String, _ kinds: [NamedReader<Value>], at location: ConfigurationLocation, isKey: Bool,
    value: ConfigurationNode? = nil
  ) -> NamedReader<Value>? {
    if let kind = kinds.first(where: { $0.name == name }) { return kind }
    let names = kinds.map(\.name)
    diagnostics.report(
      at: location, path: isKey ? Path.child(Display.plain(name), of: path) : path,
      found: isKey ? "an unknown \(what)" : "the unknown \(what) \(Display.plain(name))",
      expected: "one of \(names.joined(separator: ", "))",
      hint: ForeignWords.hint(forName: name, of: what, among: names, value: value)
        ?? NearestName.hint(for: name, among: names))
    return nil
  }

  /// Says how a name and its parameters are written, to who has written them side by side.
  private func reportSeveral<Value>(_ entries: [ConfigurationNode.Entry], _ what: String, _ kinds: [NamedReader<Value>])
  {
    let known = entries.filter { entry in kinds.contains { $0.name == entry.key } }
    var hint: String?
    if known.count == 1, let other = entries.first(where: { $0.key != known[0].key }) {
      hint = "parameters stand in braces: \(known[0].key): {\(Display.plain(other.key)): …}"
    } else if known.isEmpty {
      hint = ForeignWords.hint(forSideBySide: entries, of: what, among: kinds.map(\.name))
    }
    diagnostics.report(
      at: entries[1].keyLocation, path: path,
      found: "\(entries.count) keys, \(entries.prefix(4).map { Display.plain($0.key) }.joined(separator: ", "))",
      expected: "one \(what)", hint: hint)
  }
}
