import Lockstep
import LockstepReport

/// What a model goes by as people read it on a terminal: a line a column, then what the most important ones do.
enum ExplanationText {
  /// A longer table is not shown.
  private static let mostRows = 50

  /// - Parameter columns: of the terminal.
  static func of(_ explanation: Explanation, columns: Int) -> String {
    let (samples, available) = (explanation.samples, explanation.available)
    let some = samples < available ? "\(Format.count(samples)) of \(Format.count(available))" : Format.count(samples)
    let title =
      "\(Terminal.printable(explanation.name)) at step \(Format.count(explanation.step)), on \(some) \(Format.plural(available, "sample")): \(explanation.sentence)"
    let parts = [
      Terminal.wrapped(title, columns: columns).joined(separator: "\n"), table(explanation, columns),
      Terminal.wrapped(Explanation.caveat, columns: columns).joined(separator: "\n"),
    ]
    return parts.joined(separator: "\n\n")
  }

  private static func table(_ explanation: Explanation, _ columns: Int) -> String {
    let shown = explanation.features.prefix(mostRows)
    let most = max(explanation.features.first?.mean ?? 0, 0)
    let rows = shown.map { feature in
      [
        Terminal.printable(feature.name), Format.significant(feature.mean, 3),
        feature.deviation.map { Format.significant($0, 2) } ?? "",
        feature.interval.map { "[\(Format.significant($0.low, 2)), \(Format.significant($0.high, 2))]" } ?? "",
        bar(feature.mean, of: most),
      ]
    }
    let text = Table.text(
      ["column", "drop", "±", "95 % interval", ""], rows, right: [1, 2, 3], columns: columns, leastFirst: [2, 3, 4])
    if shown.count == explanation.features.count { return text }
    return text
      + "\n\nThe first \(shown.count) of \(Format.count(explanation.features.count)) columns; --json and --report have more."
  }

  /// In eighths of a character; nothing for what is not above 0.
  private static func bar(_ value: Double, of most: Double) -> String {
    guard value > 0, most > 0 else { return "" }
    let eighths = max(1, Int((value / most * 8 * 16).rounded()))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
