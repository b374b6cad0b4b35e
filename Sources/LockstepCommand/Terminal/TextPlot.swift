import Lockstep

/// Points over a logarithmic axis, drawn with characters.
struct TextPlot {
  struct Series {
    var mark: Character
    /// In the order in which they are drawn: later ones cover earlier ones.
    var points: [(x: Double, y: Double)]
  }

  /// A place on the axis, drawn where nothing else is.
  struct Line {
    var mark: Character
    var x: Double
  }

  var series: [Series]
  var lines: [Line]
  /// The ends of the axes; what is above the plot is drawn as `^` in its first row.
  var x: ClosedRange<Double>
  var y: ClosedRange<Double>

  /// - Parameters:
  ///   - columns: that the plot takes with its numbers, at least 40.
  ///   - rows: of the plot itself, an odd number from 3 on.
  func text(columns: Int, rows: Int = 15) -> String {
    let labels = (0..<rows).map { row in
      row % ((rows - 1) / 2) == 0
        ? Format.significant(y.upperBound - (y.upperBound - y.lowerBound) * Double(row) / Double(rows - 1), 3) : ""
    }
    let margin = (labels.map(\.count).max() ?? 0) + 2
    let width = max(20, columns - margin)
    var cells = [[Character]](repeating: [Character](repeating: " ", count: width), count: rows)
    for line in lines {
      guard let column = column(line.x, width) else { continue }
      for row in 0..<rows { cells[row][column] = line.mark }
    }
    for one in series {
      for point in one.points {
        guard let column = column(point.x, width), point.y.isFinite else { continue }
        let share = (y.upperBound - point.y) / (y.upperBound - y.lowerBound)
        let row = min(rows - 1, Int((max(0, share) * Double(rows - 1)).rounded()))
        cells[row][column] = share < 0 ? "^" : one.mark
      }
    }
    var text = zip(labels, cells).map { label, row in
      let line = "\(Format.right(label, margin - 2)) │\(String(row))"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    let (axis, numbers) = axis(width)
    let blanks = String(repeating: " ", count: margin - 1)
    text += ["\(blanks)└\(axis)", "\(blanks) \(numbers)"]
    return text.joined(separator: "\n")
  }

  /// The column of a place on the axis; nil outside.
  private func column(_ value: Double, _ width: Int) -> Int? {
    guard value > 0 else { return nil }
    let (low, high) = (Format.log10(x.lowerBound), Format.log10(x.upperBound))
    let share = (Format.log10(value) - low) / (high - low)
    return (-1e-9...1 + 1e-9).contains(share) ? Int((min(1, max(0, share)) * Double(width - 1)).rounded()) : nil
  }

  /// The line under the plot with a tick a decade, and the decades' numbers where there is room.
  private func axis(_ width: Int) -> (line: String, numbers: String) {
    var (line, numbers) = ([Character](repeating: "─", count: width), [Character](repeating: " ", count: width))
    var free = 0
    // Those outside have no column.
    let (first, last) = (Format.log10(x.lowerBound).rounded(.down), Format.log10(x.upperBound).rounded(.up))
    for decade in Int(first)...Int(last) {
      guard let column = column(Format.power10(Double(decade)), width) else { continue }
      line[column] = "┬"
      let label = Array(
        decade >= -2 && decade <= 3 ? Format.significant(Format.power10(Double(decade)), 1) : "1e\(decade)")
      let start = min(max(0, column - label.count / 2), width - label.count)
      guard start >= free else { continue }
      numbers.replaceSubrange(start..<start + label.count, with: label)
      free = start + label.count + 1
    }
    let text = String(numbers)
    return (String(line), String(text.reversed().drop { $0 == " " }.reversed()))
  }
}
