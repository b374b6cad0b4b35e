import LockstepFormats
internal import Yams

/// YAML text → the tree of `ConfigurationNode`s, with everything refused that a configuration has no use for:
/// anchors and aliases, tags, keys that are not words, keys given twice.
package struct ConfigurationParser {
  /// How errors name the source.
  let file: String
  let diagnostics: Diagnostics
  /// Overrides have no lines: their value is too short to count columns in.
  var overrideLocation: ConfigurationLocation?

  /// Masks put in the place of keys that stand twice, and the keys themselves.
  private var masked: [String: String] = [:]

  package init(file: String, diagnostics: Diagnostics, overrideLocation: ConfigurationLocation? = nil) {
    self.file = file
    self.diagnostics = diagnostics
    self.overrideLocation = overrideLocation
  }

  /// - Returns: nil for a text that holds nothing but blanks and comments, or after an error, which has been reported.
  mutating func parse(_ text: ConfigurationText) -> ConfigurationNode? {
    var text = text.text
    while true {
      do {
        // Without resolver rules, since numbers are recognised by `Numbers`, not by YAML 1.1, to which 1e-06 is a
        // text and 010 is eight.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        // A node knows its anchor only as long as the parser lives.
        return try withExtendedLifetime(parser) { try parser.singleRoot().map { convert($0, path: "") } }
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        guard keys.count + masked.count <= 3, let key = keys.first, let unmasked = mask(key, at: context.mark, in: text)
        else {
          report(context.mark, path: "", "a key twice in one mapping", "every key once")
          return nil
        }
        text = unmasked
      } catch let error as YamlError {
        report(error)
        return nil
      } catch {
        diagnostics.report(at: location(nil), path: "", found: "\(error)", expected: "a configuration in YAML")
        return nil
      }
    }
  }

  private func convert(_ node: Node, path: String) -> ConfigurationNode {
    let place = location(node.mark)
    let isOverride = overrideLocation != nil
    if let anchor = node.anchor {
      report(
        node.mark, path: path, "the anchor &\(Display.plain(anchor.rawValue))",
        "no anchors or aliases: write the value out where it is used")
      // A list or mapping is not looked into, since what hangs on it may be repeated without end.
      if case .scalar = node {} else { return ConfigurationNode(.refused, at: place, isOverride: isOverride) }
    }
    switch node {
    case .scalar(let scalar):
      checkTag(scalar.tag, allowed: .str, node.mark, path)
      guard checkMarks(scalar.string, node.mark, path) else {
        return ConfigurationNode(.refused, at: place, isOverride: isOverride)
      }
      let isPlain = (scalar.style == .plain || scalar.style == .any) && scalar.tag.rawValue != Tag.Name.str.rawValue
      let isNothing = isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      return ConfigurationNode(
        isNothing ? .nothing : .scalar(scalar.string, quoted: !isPlain), at: place, isOverride: isOverride)
    case .sequence(let sequence):
      checkTag(sequence.tag, allowed: .seq, node.mark, path)
      let items = sequence.enumerated().map { convert($1, path: Path.child("\($0)", of: path)) }
      return ConfigurationNode(.list(items), at: place, isOverride: isOverride)
    case .mapping(let mapping):
      checkTag(mapping.tag, allowed: .map, node.mark, path)
      return ConfigurationNode(.mapping(entries(mapping, path: path)), at: place, isOverride: isOverride)
    case .alias(let alias):
      report(alias.mark, path: path, "an alias", "no aliases: write the value out")
      return ConfigurationNode(.refused, at: place, isOverride: isOverride)
    }
  }

  private func entries(_ mapping: Node.Mapping, path: String) -> [ConfigurationNode.Entry] {
    var entries: [ConfigurationNode.Entry] = []
    var places: [ByteText: ConfigurationLocation] = [:]
    for (keyNode, value) in mapping {
      guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
        report(
          keyNode.mark, path: path, keyNode.scalar == nil ? "a list or mapping as a key" : "an anchor at a key",
          "a word as the key")
        continue
      }
      checkTag(scalar.tag, allowed: .str, keyNode.mark, path)
      guard checkMarks(scalar.string, keyNode.mark, path) else { continue }
      let key = masked[scalar.string] ?? scalar.string
      let place = location(keyNode.mark)
      let keyPath = Path.child(Display.plain(key), of: path)
      if let first = places[ByteText(key)] {
        let firstPlace = first.line.map { " (the first is on line \($0))" } ?? ""
        diagnostics.report(
          at: place, path: keyPath, found: "the key a second time\(firstPlace)", expected: "every key once")
        continue
      }
      places[ByteText(key)] = place
      entries.append(.init(key: key, keyLocation: place, value: convert(value, path: keyPath)))
    }
    return entries
  }

  /// Yams stops at a key that stands twice and knows only its first place. With that place masked by characters no
  /// one writes, as many of them so that no column moves, the next parse goes on, and the second place is found in
  /// the tree.
  private mutating func mask(_ key: String, at mark: Mark, in text: String) -> String? {
    guard !key.isEmpty, let filler = UnicodeScalar(0xE000 + UInt32(masked.count)) else { return nil }
    var scalars = Array(text.unicodeScalars)
    guard let start = offset(of: mark, in: scalars), start < scalars.count else { return nil }
    let isQuoted = scalars[start] == "\"" || scalars[start] == "'"
    let range = (isQuoted ? start + 1 : start)..<(isQuoted ? start + 1 : start) + key.unicodeScalars.count
    guard range.upperBound <= scalars.count, scalars[range].elementsEqual(key.unicodeScalars) else { return nil }
    let mask = Array(repeating: filler, count: range.count)
    scalars.replaceSubrange(range, with: mask)
    var name = String.UnicodeScalarView()
    name.append(contentsOf: mask)
    masked[String(name)] = key
    var masked = String.UnicodeScalarView()
    masked.append(contentsOf: scalars)
    return String(masked)
  }

  private func offset(of mark: Mark, in scalars: [UnicodeScalar]) -> Int? {
    var (line, start) = (1, 0)
    while line < mark.line {
      guard let end = scalars[start...].firstIndex(where: { $0 == "\n" || $0 == "\r" }) else { return nil }
      start = end + (scalars[end] == "\r" && end + 1 < scalars.count && scalars[end + 1] == "\n" ? 2 : 1)
      line += 1
    }
    return start + mark.column - 1
  }

  private func checkTag(_ tag: Tag, allowed: Tag.Name, _ mark: Mark?, _ path: String) {
    if tag.rawValue.isEmpty || tag.rawValue == allowed.rawValue { return }
    report(mark, path: path, "the tag \(Display.plain(tag.rawValue))", "no tags")
  }

  /// - Returns: whether `text` may be compared; see `CombiningMarks`.
  private func checkMarks(_ text: String, _ mark: Mark?, _ path: String) -> Bool {
    if CombiningMarks.areFew(in: text) { return true }
    let most = CombiningMarks.mostInARow
    report(mark, path: path, "a text with more than \(most) combining marks in a row", "at most \(most)")
    return false
  }

  private func report(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, let yaml), .parser(let context, let problem, let mark, let yaml),
      .composer(let context, let problem, let mark, let yaml):
      let scalars = Array(yaml.unicodeScalars)
      let isTab = offset(of: mark, in: scalars).map { $0 < scalars.count && scalars[$0] == "\t" } ?? false
      let around = overrideLocation != nil ? "" : context.map { ", \($0.text) (line \($0.mark.line))" } ?? ""
      report(
        mark, path: "", "a mistake in the YAML: \(problem)\(around)", "valid YAML",
        isTab ? "indent with spaces, not tabs" : nil)
    case .reader(let problem, _, _, _):
      diagnostics.report(at: location(nil), path: "", found: problem, expected: "valid YAML")
    case .memory:
      diagnostics.report(
        at: location(nil), path: "", found: "values nested too deeply", expected: "a configuration that nests less deep"
      )
    default:
      diagnostics.report(at: location(nil), path: "", found: "\(error)", expected: "valid YAML")
    }
  }

  private func report(_ mark: Mark?, path: String, _ found: String, _ expected: String, _ hint: String? = nil) {
    diagnostics.report(at: location(mark), path: path, found: found, expected: expected, hint: hint)
  }

  private func location(_ mark: Mark?) -> ConfigurationLocation {
    overrideLocation ?? ConfigurationLocation(source: file, line: mark?.line, column: mark?.column)
  }
}
