extension ResolvedValue {
  /// Characters of a line that stays on one line.
  private static let lineLength = 110

  /// YAML, in blocks where a line would grow too long; ends with a line break.
  var yaml: String {
    var lines: [String] = []
    write(into: &lines, prefix: "", indent: 0)
    return lines.joined(separator: "\n") + "\n"
  }

  /// On one line, in braces and brackets.
  package var flow: String {
    switch self {
    case .plain(let text): text
    case .text(let text): Self.scalar(text)
    case .list(let items): "[\(items.map(\.flow).joined(separator: ", "))]"
    case .mapping(let entries): "{\(entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", "))}"
    }
  }

  /// - Parameters:
  ///   - prefix: what stands before the value on its first line: `key: ` or `- `, blanks included.
  ///   - indent: of the lines below.
  private func write(into lines: inout [String], prefix: String, indent: Int) {
    let blanks = String(repeating: " ", count: indent)
    let flow = flow
    if indent > 0 || !isMapping, prefix.utf8.count + flow.utf8.count <= Self.lineLength {
      lines.append(prefix + flow)
      return
    }
    switch self {
    case .plain, .text: lines.append(prefix + flow)
    case .list(let items):
      if items.isEmpty { return lines.append(prefix + flow) }
      if !prefix.isEmpty { lines.append(Self.trimmed(prefix)) }
      for item in items { item.write(into: &lines, prefix: blanks + "- ", indent: indent + 2) }
    case .mapping(let entries):
      if entries.isEmpty { return lines.append(prefix + flow) }
      // The first key of a list's item stands behind its dash.
      let isItem = prefix.hasSuffix("- ")
      if !prefix.isEmpty && !isItem { lines.append(Self.trimmed(prefix)) }
      for (i, entry) in entries.enumerated() {
        entry.value.write(
          into: &lines, prefix: "\(isItem && i == 0 ? prefix : blanks)\(entry.key): ", indent: indent + 2)
      }
    }
  }

  private var isMapping: Bool {
    if case .mapping = self { true } else { false }
  }

  private static func trimmed(_ prefix: String) -> String {
    prefix.hasSuffix(" ") ? String(prefix.dropLast()) : prefix
  }

  /// A word as it is where nothing could take it for anything else, else in quotes.
  private static func scalar(_ text: String) -> String {
    let isWord =
      text.utf8.first.map { isLetter($0) || $0 == UInt8(ascii: "_") } ?? false
      && text.utf8.allSatisfy {
        isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    if isWord && !reserved.contains(text.lowercased()) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: quoted += "\\\(scalar)"
      case 0x20..<0x7F: quoted.unicodeScalars.append(scalar)
      default: quoted += "\\U" + padded(String(scalar.value, radix: 16), to: 8)
      }
    }
    return quoted + "\""
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static func padded(_ digits: String, to count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}

extension RunConfiguration {
  /// The whole configuration as YAML, with every default written out and keys in a fixed order, as `config.yaml` and
  /// checkpoints hold it. Reading it gives an equal value.
  public var resolvedYAML: String { Encode.run(self).yaml }
}
