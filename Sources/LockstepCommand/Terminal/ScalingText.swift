import Lockstep

/// How training scales, as people read it on a terminal: a row a thread count, what the columns are, and what they say.
struct ScalingText {
  /// Of sentences.
  var columns: Int
  /// Of the table; nil where there is no terminal, and nothing is left out.
  var table: Int?

  func of(_ scaling: ThreadScaling) -> String {
    let names = scaling.columns.map(\.name)
    // What is told in other words too goes first.
    let least = ["data", "update", "layers", "wait", "of ideal", "samples/s"].compactMap(names.firstIndex)
    let bits = scaling.bits
    return [
      lines("\(scaling.name): \(scaling.title)"),
      Table.text(names, scaling.cells, right: Set(names.indices), columns: table, leastFirst: least),
      Table.pairs(scaling.legend, columns: columns), scaling.sentences.map(lines).joined(separator: "\n"),
      ([bits.verdict + ":"] + bits.digests).joined(separator: "\n"),
    ].joined(separator: "\n\n")
  }

  /// Of ranks.
  func of(_ scaling: RankScaling) -> String {
    let names = scaling.columns.map(\.name)
    let least = ["wait", "update", "layers", "of ideal", "sent", "alone"].compactMap(names.firstIndex)
    let bits = scaling.bits
    return [
      lines("\(scaling.name): \(scaling.title)"),
      Table.text(names, scaling.cells, right: Set(names.indices), columns: table, leastFirst: least),
      Table.pairs(scaling.legend, columns: columns), scaling.sentences.map(lines).joined(separator: "\n"),
      ([bits.verdict + ":"] + bits.digests).joined(separator: "\n"),
    ].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Several results side by side.
  func of(_ comparison: ScalingComparison) -> String {
    let header = comparison.header
    return [
      Table.text(header, comparison.cells, right: Set(header.indices), columns: table),
      Table.pairs(comparison.facts, columns: columns), comparison.sentences.map(lines).joined(separator: "\n"),
    ].joined(separator: "\n\n")
  }

  /// No line ends between a number and its unit.
  private func lines(_ text: String) -> String {
    let whole = text.replacing(" %", with: "\u{A0}%").replacing(" ×", with: "\u{A0}×")
    return Terminal.wrapped(whole, columns: columns).joined(separator: "\n").replacing("\u{A0}", with: " ")
  }
}
