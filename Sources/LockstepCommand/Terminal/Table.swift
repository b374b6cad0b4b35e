import Lockstep

/// Columns as people read them.
enum Table {
  /// - Parameter right: the columns whose texts stand on the right, such as numbers.
  static func text(_ header: [String], _ rows: [[String]], right: Set<Int> = []) -> String {
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { column, cell in
        right.contains(column) ? Format.right(cell, widths[column]) : Format.left(cell, widths[column])
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }

  /// Names on the left, values beside them.
  static func pairs(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { "\(Format.left($0.0, width))  \($0.1)" }.joined(separator: "\n")
  }
}
