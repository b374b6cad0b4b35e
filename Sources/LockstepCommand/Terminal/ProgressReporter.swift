import Lockstep

/// Shows how a run goes, on standard error: a bar that draws over itself on a terminal, a plain line now and then elsewhere.
final class ProgressReporter {
  private let isQuiet: Bool
  private let isLive: Bool
  private var last = -Double.infinity
  private var isDrawn = false
  private var smoothedLoss: Double?

  init(quiet: Bool) {
    isQuiet = quiet
    isLive = Terminal.isLive
  }

  func observe(_ event: RunEvent) {
    switch event {
    case .step(let result, let progress): step(result, progress)
    case .warning(let text): say("warning: \(text)", evenIfQuiet: true)
    case .resumed(let step, let checkpoint, let skipped):
      for reason in skipped { say("warning: not used: \(reason)", evenIfQuiet: true) }
      say("going on from step \(step) (\(checkpoint))")
    case .evaluated(let step, let metrics):
      let values = metrics.map { "\($0.name) \(Format.significant($0.value))" }.joined(separator: "  ")
      say("step \(step)  validation  \(values)")
    case .saved(let step, let path, let bytes): say("step \(step)  saved \(path) (\(Format.bytes(bytes)))")
    }
  }

  /// A line of its own, above the bar if there is one.
  func say(_ line: String, evenIfQuiet: Bool = false) {
    guard evenIfQuiet || !isQuiet else { return }
    clear()
    Terminal.error(line)
  }

  /// Takes the bar away.
  func clear() {
    if isDrawn { Terminal.progress("\r\u{1B}[K") }
    isDrawn = false
  }

  private func step(_ result: StepResult, _ progress: RunProgress) {
    guard !isQuiet else { return }
    // A batch's loss jumps about; a person wants its trend.
    smoothedLoss = smoothedLoss.map { $0 + (result.loss - $0) / 16 } ?? result.loss
    let now = MonotonicClock.seconds()
    let isLast = result.step == progress.target
    guard now - last >= (isLive ? 0.1 : 10) || isLast else { return }
    last = now
    let loss = smoothedLoss ?? result.loss
    if isLive {
      draw(result, progress, loss)
    } else {
      Terminal.error(ProgressReporter.line(result, progress, loss: loss))
    }
  }

  private func draw(_ result: StepResult, _ progress: RunProgress, _ loss: Double) {
    let text = ProgressReporter.line(result, progress, loss: loss)
    let width = min(30, Terminal.columns - text.count - 4)
    let bar = width >= 8 ? ProgressReporter.bar(Double(result.step) / Double(max(1, progress.target)), width: width) + " " : ""
    Terminal.progress("\r" + String((bar + text).prefix(max(1, Terminal.columns - 1))) + "\u{1B}[K")
    isDrawn = true
  }

  static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((min(1, max(0, share)) * Double(width * 8)).rounded(.down))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let full = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    return "│" + Format.left(full, width) + "│"
  }

  static func line(_ result: StepResult, _ progress: RunProgress, loss: Double) -> String {
    let epochs = (progress.target + progress.stepsPerEpoch - 1) / progress.stepsPerEpoch
    var parts = [
      "epoch \(result.epoch + 1)/\(epochs)", "step \(result.step)/\(progress.target)", "loss \(Format.significant(loss))",
    ]
    if let rate = progress.samplesPerSecond { parts.append("\(Format.count(Int(rate))) samples/s") }
    if let left = progress.secondsLeft { parts.append("\(Format.duration(left)) left") }
    return parts.joined(separator: "  ")
  }
}
