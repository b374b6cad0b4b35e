import Lockstep
import LockstepReport

/// A comparison as people read it: the leaderboard, then what it does not tell apart, and what failed.
enum ComparisonText {
  /// - Parameter columns: of the terminal; nil for none.
  static func of(_ comparison: Comparison, name: String, columns: Int? = nil) -> String {
    let (metric, trials) = (comparison.metric.rawValue, comparison.trials)
    let keys = comparison.cells.first?.choices.map(\.key) ?? []
    let hasDead = comparison.cells.contains { $0.dead != nil }
    let header =
      keys + [metric, "±", "against the best"] + ["step", "one row"] + (hasDead ? ["dead"] : []) + ["diagnosis"]
    let rows = comparison.cells.map { cell in
      cell.choices.map(\.value)
        + [cell.mean.map { Format.significant($0) } ?? "diverged", cell.stddev.map { Format.significant($0, 2) } ?? ""]
        + [cell.difference.map(difference) ?? ""]
        + [Format.short(cell.stepSeconds), Format.short(cell.inferenceSeconds)]
        + (hasDead ? [cell.dead.map { Format.percent($0) } ?? ""] : [])
        + [cell.verdicts.map(\.words).joined(separator: ", ")]
    }
    let word = Format.plural(trials.count, trials.word == "folds" ? "fold" : "seed")
    var text =
      "\(name): \(metric) over \(trials.count) \(word), \(comparison.metric.mode == .max ? "the highest" : "the lowest") first\n\n"
    let numbers = Set(keys.count..<header.count - 1)
    // What was varied, the metric, and how sure it is, stay to the last.
    let least = ["dead", "one row", "step", "diagnosis", "±", "against the best"].compactMap {
      header.lastIndex(of: $0)
    }
    text += Table.text(header, rows, right: numbers, columns: columns, leastFirst: least)
    let leaders = comparison.leaders
    if leaders.count > 1 {
      let names = leaders.map(\.title).joined(separator: "; ")
      text +=
        "\n\nNo winner: \(trials.count) \(word) do not tell apart (the 95 % interval of the difference from the first holds 0): \(names)"
    }
    if comparison.cells.count > 2, comparison.cells.contains(where: { $0.difference?.interval != nil }) {
      text +=
        "\n\nEach interval is that of one difference. The best was chosen by the same \(word), so of \(comparison.cells.count) variants it looks better than it is."
    }
    for cell in comparison.cells {
      if let diverged = cell.diverged { text += "\n\n\(cell.title): \(diverged)" }
    }
    return text
  }

  private static func difference(_ difference: Comparison.Difference) -> String {
    func signed(_ value: Double) -> String { Format.signed(value, 2) }
    guard let interval = difference.interval else { return signed(difference.mean) }
    return "\(signed(difference.mean)) [\(signed(interval.lowerBound)), \(signed(interval.upperBound))]"
  }
}
