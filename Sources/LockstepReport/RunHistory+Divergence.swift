import LockstepConfiguration
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepTraining

// How a run diverged.
extension RunHistory {
  /// The learning rate of the step that was not finite, and the lines before it; nil where the run has not diverged.
  var divergence: HTML? {
    guard case .diverged = state, let line = lines.last(where: { $0.event == "diverged" }) else { return nil }
    let configuration = record.configuration
    let before = training.filter { $0.step < line.step }.suffix(8)
    let first = configuration.optimizer.learningRate
    let factor = configuration.schedule.factor(
      step: 0, horizon: configuration.totalSteps, stepsPerEpoch: configuration.stepsPerEpoch)
    let rate =
      before.last.flatMap { line in
        line.values["learning_rate"]?.number.map {
          "The learning rate was \(Scale.plain($0, digits: 4)) at step \(Format.count(line.step))"
        }
      } ?? "The learning rate began with \(Scale.plain(first * factor, digits: 4))"
    var content = [
      Page.paragraph(
        "Step \(Format.count(line.step)) was not finite. \(rate); the configuration says \(configuration.optimizer.name) with \(Scale.plain(first, digits: 4)). lockstep find-lr tries which one the run bears."
      )
    ]
    let names = ["loss", "learning_rate", "gradient_norm"].filter { name in
      before.contains { $0.values[name]?.number != nil }
    }
    if before.isEmpty {
      content.append(Page.paragraph("The log has no line of figures before it.", quiet: true))
    } else {
      let rows = before.map { line in
        [HTML.text(Format.count(line.step))]
          + names.map { .text(line.values[$0]?.number.map { Format.significant($0) } ?? "not finite") }
      }
      content.append(
        Page.table(["step"] + names.map { Self.words($0) }, rows, right: Set(0...names.count)))
    }
    return Page.section("Before it diverged", content)
  }
}
