import Lockstep

/// Columns as people read them, in the width of a terminal where there is one.
enum Table {
  /// A column whose name or words are longer than this may be shortened to it.
  private static let leastWidth = 16

  /// - Parameters:
  ///   - right: the columns whose texts stand on the right, such as numbers.
  ///   - columns: of the terminal; nil for none, where nothing is shortened. In a narrow one words are shortened, never
  ///     numbers; then columns are left out, and named under the table.
  ///   - leastFirst: the columns that may be left out, the least important first; nil for all but the first, from the
  ///     last on.
  static func text(
    _ header: [String], _ rows: [[String]], right: Set<Int> = [], columns: Int? = nil, leastFirst: [Int]? = nil
  ) -> String {
    let cells = [header] + rows
    var widths = header.indices.map { column in cells.map { Format.width($0[column]) }.max() ?? 0 }
    var shown = Array(header.indices)
    if let columns {
      let least = header.indices.map { Self.least(widths[$0], $0, header, rows, isRight: right.contains($0)) }
      for column in leastFirst ?? header.indices.dropFirst().reversed() where total(least, shown) > columns {
        shown.removeAll { $0 == column }
      }
      shorten(&widths, shown, to: columns, least)
    }
    func line(_ row: [String]) -> String {
      let padded = shown.map { column in
        let cell = Format.shortened(row[column], widths[column])
        return right.contains(column) ? Format.right(cell, widths[column]) : Format.left(cell, widths[column])
      }
      var line = padded.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = shown.map { String(repeating: "─", count: widths[$0]) }.joined(separator: "  ")
    let hidden = header.indices.filter { !shown.contains($0) }.map { header[$0] }
    let note = "Not shown in this width: \(hidden.joined(separator: ", "))"
    let notes = hidden.isEmpty ? [] : [""] + Terminal.wrapped(note, columns: columns ?? .max)
    return ([line(header), rule] + rows.map(line) + notes).joined(separator: "\n")
  }

  /// Names on the left, values beside them; in a terminal these are wrapped at blanks. A path or a digest stays whole,
  /// so that it can be copied.
  static func pairs(_ rows: [(String, String)], columns: Int? = nil) -> String {
    let width = rows.map { Format.width($0.0) }.max() ?? 0
    return rows.map { name, value in
      let lines = columns.map { Terminal.wrapped(value, columns: max(1, $0 - width - 2)) } ?? [value]
      return lines.enumerated().map { index, line in
        index == 0 && line.isEmpty ? name : "\(Format.left(index == 0 ? name : "", width))  \(line)"
      }.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func total(_ widths: [Int], _ shown: [Int]) -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } }

  /// The least width of a column: that of its numbers, which are never cut, and enough of words to tell them apart.
  private static func least(
    _ width: Int, _ column: Int, _ header: [String], _ rows: [[String]], isRight: Bool
  ) -> Int {
    guard isRight else { return min(width, leastWidth) }
    let numbers = rows.map { $0[column] }.filter { Format.width($0) <= leastWidth }.map { Format.width($0) }
    return max(numbers.max() ?? 0, min(leastWidth / 2, Format.width(header[column])), min(width, leastWidth / 2))
  }

  /// Shortens the widest of the columns, one by one, to `least` each, and the first to whatever is left.
  private static func shorten(_ widths: inout [Int], _ shown: [Int], to columns: Int, _ least: [Int]) {
    while total(widths, shown) > columns,
      let widest = shown.filter({ widths[$0] > least[$0] }).max(by: { widths[$0] < widths[$1] })
    {
      widths[widest] -= 1
    }
    if let first = shown.first { widths[first] = max(1, widths[first] - max(0, total(widths, shown) - columns)) }
  }
}
