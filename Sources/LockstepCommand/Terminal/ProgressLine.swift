import Lockstep

/// One line that says how far a run has come, with the curve of its loss for a bar.
struct ProgressLine {
  struct Part: Equatable {
    var text: String
    /// Where the terminal is narrow, the parts of the lowest rank are left out first.
    var rank: Int
  }

  /// The widest that each part has been, so that the bar does not jump as numbers grow and shrink.
  private var widths: [Int] = []

  static func parts(step: Int, epoch: Int, _ progress: RunProgress) -> [Part] {
    var parts = [
      Part(text: "epoch \(epoch + 1)/\(RunTable.epochs(progress.target, progress.stepsPerEpoch))", rank: 0),
      Part(text: "step \(step)/\(progress.target)", rank: 4),
    ]
    if let loss = progress.training.first {
      parts.append(Part(text: "loss \(Format.significant(loss.value))", rank: 3))
    }
    if let rate = progress.samplesPerSecond { parts.append(Part(text: "\(Format.count(rate)) samples/s", rank: 1)) }
    if let left = progress.secondsLeft { parts.append(Part(text: "\(Format.duration(left)) left", rank: 2)) }
    return parts
  }

  /// The bar and the parts, in at most `columns` characters.
  ///
  /// - Parameter bar: draws a bar of so many characters, without its ends.
  mutating func text(_ parts: [Part], columns: Int, bar: (Int) -> String) -> String {
    widths += Array(repeating: 0, count: max(0, parts.count - widths.count))
    for (index, part) in parts.enumerated() { widths[index] = max(widths[index], part.text.count) }
    var shown = Array(parts.indices)
    // A bar of eight says more than the least of five parts.
    func isTooWide() -> Bool { width(shown) > columns || shown.count > 3 && width(shown) + 11 > columns }
    while isTooWide(), shown.count > 1, let least = shown.min(by: { parts[$0].rank < parts[$1].rank }) {
      shown.removeAll { $0 == least }
    }
    let line = shown.map { Format.left(parts[$0].text, widths[$0]) }.joined(separator: "  ")
    // Two for its ends and one between.
    let room = min(30, columns - width(shown) - 3)
    return String(((room >= 8 ? "│\(bar(room))│ " : "") + line).prefix(max(0, columns)))
  }

  private func width(_ shown: [Int]) -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } }
}
