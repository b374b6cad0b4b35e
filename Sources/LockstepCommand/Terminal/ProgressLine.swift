import Lockstep

/// One line that says how far a run has come.
struct ProgressLine {
  struct Part: Equatable {
    var text: String
    /// Where the terminal is narrow, the parts of the lowest rank are left out first.
    var rank: Int
  }

  /// The widest that each part has been, so that the bar does not jump as numbers grow and shrink.
  private var widths: [Int] = []

  static func parts(_ result: StepResult, _ progress: RunProgress, loss: Double) -> [Part] {
    let epochs = (progress.target + progress.stepsPerEpoch - 1) / progress.stepsPerEpoch
    var parts = [
      Part(text: "epoch \(result.epoch + 1)/\(epochs)", rank: 0),
      Part(text: "step \(result.step)/\(progress.target)", rank: 4),
      Part(text: "loss \(Format.significant(loss))", rank: 3),
    ]
    if let rate = progress.samplesPerSecond { parts.append(Part(text: "\(Format.count(rate)) samples/s", rank: 1)) }
    if let left = progress.secondsLeft { parts.append(Part(text: "\(Format.duration(left)) left", rank: 2)) }
    return parts
  }

  /// A bar and the parts, in at most `columns` characters.
  mutating func text(_ parts: [Part], share: Double, columns: Int) -> String {
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
    return String(((room >= 8 ? ProgressLine.bar(share, width: room) + " " : "") + line).prefix(max(0, columns)))
  }

  private func width(_ shown: [Int]) -> Int { shown.reduce(-2) { $0 + widths[$1] + 2 } }

  /// `│████▌     │`, in eighths of a character.
  static func bar(_ share: Double, width: Int) -> String {
    let known = share.isFinite ? min(1, max(0, share)) : 0
    let eighths = Int((known * Double(width * 8)).rounded(.down))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return "│" + Format.left(String(repeating: "█", count: eighths / 8) + parts[eighths % 8], width) + "│"
  }
}
