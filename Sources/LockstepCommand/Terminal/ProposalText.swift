import Lockstep

/// What a proposal found and decided, as people read it.
enum ProposalText {
  static func of(_ proposal: Proposal, columns: Int?) -> String {
    var parts: [String] = []
    if !proposal.columns.isEmpty {
      let rows = proposal.columns.map { column in
        [
          Display.plain(column.name), column.kind, column.values,
          column.missing == 0 ? "" : Format.count(column.missing), use(column.use),
        ]
      }
      parts.append(
        Table.text(
          ["column", "holds", "values", "missing", "use"], rows, right: [3], columns: columns, leastFirst: [2, 1, 3]))
    }
    if !proposal.notes.isEmpty {
      parts.append(
        proposal.notes.map { Terminal.wrapped("note: \($0)", columns: columns ?? 100).joined(separator: "\n  ") }
          .joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private static func use(_ use: ProposedColumn.Use) -> String {
    switch use {
    case .feature: "input"
    case .target: "target"
    case .ignored(let reason): "left out: \(reason)"
    }
  }
}
