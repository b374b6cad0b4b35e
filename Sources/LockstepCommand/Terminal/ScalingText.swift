import Lockstep

/// How training scales, as people read it on a terminal: a row a thread count, what the columns are, and what they say.
struct ScalingText {
  /// Of sentences.
  var columns: Int
  /// Of the table; nil where there is no terminal, and nothing is left out.
  var table: Int?

  func of(_ scaling: ThreadScaling) -> String {
    text(
      "\(scaling.name): \(scaling.title)", scaling.columns.map(\.name), scaling.cells,
      leastFirst: ["data", "update", "layers", "wait", "of ideal", "samples/s"], scaling.legend, scaling.sentences,
      scaling.bits)
  }

  /// Of ranks.
  func of(_ scaling: RankScaling) -> String {
    text(
      "\(scaling.name): \(scaling.title)", scaling.columns.map(\.name), scaling.cells,
      leastFirst: ["wait", "update", "layers", "of ideal", "sent", "alone"], scaling.legend, scaling.sentences,
      scaling.bits)
  }

  /// - Parameter leastFirst: columns that go where there is no room for all; what is told in other words too goes
  ///   first.
  private func text(
    _ title: String, _ names: [String], _ cells: [[String]], leastFirst: [String], _ legend: [(String, String)],
    _ sentences: [String], _ bits: (verdict: String, digests: [String])
  ) -> String {
    let least = leastFirst.compactMap(names.firstIndex)
    return [
      lines(title), Table.text(names, cells, right: Set(names.indices), columns: table, leastFirst: least),
      Table.pairs(legend, columns: columns), sentences.map(lines).joined(separator: "\n"),
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
