import LockstepData
import LockstepFormats
import LockstepModel

extension DataSurvey {
  /// Parts of equally many samples that a column's values are put into, at most.
  private static let parts = 64
  /// What a column by itself may explain of a target at most.
  static let explained = 0.99
  /// What is worth a question: there are good features that explain as much.
  private static let questioned = 0.9

  /// Whether a column tells the target by itself: what was written down after the fact, such as the date of a
  /// diagnosis. A table of the column's values says of every part of them the commonest class, or the mean; it is made
  /// of every other sample, and held against the rest.
  func telling() -> Check {
    if isSynthetic {
      return Check(.tellingColumn, .skipped, [], "Samples are made, and nothing was written down after the fact.")
    }
    if set.shape.isImage { return tellingPixel() }
    if columns.count < 2 { return Check(.tellingColumn, .skipped, [], "There is one column.") }
    if rows < 64 {
      return Check(
        .tellingColumn, .skipped, [], "There are \(rows) samples, too few to hold a column against the rest.")
    }
    let scales = targetScales()
    var best = (share: -Double.infinity, column: 0)
    for (number, column) in columns.enumerated() {
      let parts = parts(of: column)
      for target in scales {
        if let share = explained(by: parts, target), share > best.share { best = (share, number) }
      }
    }
    if !best.share.isFinite { return Check(.tellingColumn, .skipped, [], "The target hardly moves.") }
    let figures = [Check.Figure("explained", best.share), Check.Figure("column", Double(best.column))]
    let title = columns[best.column].title
    if best.share >= Self.explained {
      return Check(
        .tellingColumn, .fault, figures,
        "\(title) by itself explains \(Format.percent(best.share, decimals: 2)) of what a constant leaves of the target.",
        remedy: "If it is not known yet when the model will be asked, leave it out: it is the answer.")
    }
    if let sum = linear() { return sum }
    let words =
      "The column that tells most by itself, \(title), explains \(Format.percent(max(0, best.share))) of what a constant leaves of the target."
    if best.share >= Self.questioned {
      return Check(
        .tellingColumn, .noted, figures, words,
        remedy:
          "It may be a good feature, or the answer with some noise: ask whether it is known when the model will be."
      )
    }
    return Check(.tellingColumn, .passed, figures, words)
  }

  /// Every target as it is, and of numbers the ranks too: a few targets that are far out hide what tells all others.
  private func targetScales() -> [[Float]] {
    (0..<targets.columns).flatMap { target in
      let values = (0..<rows).map { targets[$0, target] }
      guard case .regression = set.task else { return [values] }
      var ranks = [Float](repeating: 0, count: rows)
      var (first, order) = (0, values.indices.sorted { (values[$0], $0) < (values[$1], $1) })
      order.append(-1)
      for place in 1...rows where place == rows || values[order[place]] != values[order[first]] {
        for tied in first..<place { ranks[order[tied]] = Float(first + place - 1) / 2 }
        first = place
      }
      return [values, ranks]
    }
  }

  /// Which part of the column's values each sample has.
  private func parts(of column: InputColumn) -> [Int] {
    if column.isCategory {
      return (0..<rows).map { row in column.inputs.firstIndex { inputs[row, $0] > 0 } ?? column.inputs.count }
    }
    return parts(of: column.inputs[0])
  }

  /// Which part of an input's values each sample has.
  func parts(of input: Int) -> [Int] {
    let values = (0..<rows).map { inputs[$0, input] }
    let sorted = values.sorted()
    // A value belongs to one part, however often it occurs.
    let count = min(Self.parts, max(2, rows / 16))
    let bounds = (1..<count).map { sorted[$0 * rows / count] }
    return values.map { value in
      var (low, high) = (0, bounds.count)
      while low < high {
        let middle = (low + high) / 2
        if bounds[middle] <= value { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// 1 − what is left of a target by the table over what is left of it by a constant: of classes and labels errors, of
  /// numbers squares. Nil where a constant leaves too little.
  private func explained(by parts: [Int], _ target: [Float]) -> Double? {
    let count = (parts.max() ?? 0) + 1
    let learned = Array(stride(from: 0, to: rows, by: 2))
    let held = Array(stride(from: 1, to: rows, by: 2))
    let left: (table: Double, constant: Double)
    switch set.task {
    case .regression:
      var (sums, sizes) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      for row in learned {
        sums[parts[row]] += Double(target[row])
        sizes[parts[row]] += 1
      }
      let mean = sums.reduce(0, +) / Double(learned.count)
      left = held.reduce(into: (0, 0)) { left, row in
        let value = Double(target[row])
        let told = sizes[parts[row]] > 0 ? sums[parts[row]] / sizes[parts[row]] : mean
        left.table += (value - told) * (value - told)
        left.constant += (value - mean) * (value - mean)
      }
    case .classification, .labels:
      var counts = [[Float: Int]](repeating: [:], count: count)
      for row in learned { counts[parts[row]][target[row], default: 0] += 1 }
      let all = counts.reduce(into: [Float: Int]()) { $0.merge($1, uniquingKeysWith: +) }
      let commonest = Self.commonest(all) ?? 0
      let told = counts.map { Self.commonest($0) ?? commonest }
      left = held.reduce(into: (0, 0)) { left, row in
        if told[parts[row]] != target[row] { left.table += 1 }
        if commonest != target[row] { left.constant += 1 }
      }
      // A hundredth of fewer errors is none.
      if left.constant < 20 { return nil }
    }
    return left.constant > 0 ? 1 - left.table / left.constant : nil
  }

  /// The class that occurs most, of equals the lowest.
  private static func commonest(_ counts: [Float: Int]) -> Float? {
    counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
  }
}
