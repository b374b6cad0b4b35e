import Lockstep

/// A learning-rate range test as people read it on a terminal: the curve, what it says, and the line to set.
struct LearningRateText {
  let columns: Int
  let style: TextStyle

  func of(_ range: LearningRateRange, _ configuration: RunConfiguration) -> String {
    let steps = range.points.count
    var parts = [
      style.bold("\(configuration.name): \(configuration.optimizer.name), loss over learning rate")
        + ", \(steps) \(Format.plural(steps, "step"))"
    ]
    if let plot = plot(range, configuration) { parts.append(plot) }
    if case .diverged(let message) = range.end { parts.append(lines("It ended there: \(message)")) }
    parts.append(range.sentences(for: configuration).map(lines).joined(separator: "\n"))
    if case .found(let finding) = range.judgement {
      parts.append("--set \(style.bold(finding.setting(for: configuration)))")
    }
    return parts.joined(separator: "\n\n")
  }

  /// The mean loss, the batches' beside it, and where the rates stand; nil where there are too few points.
  private func plot(_ range: LearningRateRange, _ configuration: RunConfiguration) -> String? {
    let points = range.points
    guard points.count > 1, let first = points.first, let last = points.last,
      let start = points.map(\.meanLoss).prefix(10).max(),
      let low = points.map({ min($0.loss, $0.meanLoss) }).min()
    else { return nil }
    // What lies beyond is out of proportion: the end of a curve that grows hundredfold would leave nothing of the rest.
    let room = max(start - low, abs(start) * 1e-3, 1e-12)
    let configured = configuration.optimizer.learningRate
    var lines = [TextPlot.Line(mark: "┊", x: configured)]
    var legend = "o mean loss   · loss of a batch"
    if case .found(let finding) = range.judgement {
      lines.append(TextPlot.Line(mark: "│", x: finding.suggestion))
      legend += "   │ suggested"
    }
    if (first.learningRate...last.learningRate).contains(configured) { legend += "   ┊ configured" }
    let top = start + 0.4 * room
    if points.contains(where: { max($0.loss, $0.meanLoss) > top }) { legend += "   ^ above" }
    let plot = TextPlot(
      series: [
        .init(mark: "·", points: points.map { ($0.learningRate, $0.loss) }),
        .init(mark: "o", points: points.map { ($0.meanRate, $0.meanLoss) }),
      ], lines: lines, x: first.learningRate...last.learningRate, y: low...top)
    return plot.text(columns: min(columns, 100)) + "\n" + legend
  }

  private func lines(_ text: String) -> String {
    Terminal.wrapped(text, indent: 0, columns: columns).joined(separator: "\n")
  }
}
