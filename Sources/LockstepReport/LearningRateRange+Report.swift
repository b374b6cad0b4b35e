import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension LearningRateRange {
  /// The range test as a page: the suggestion, and the curve that it is read from.
  package func report(for configuration: RunConfiguration) -> Page {
    let sentences = sentences(for: configuration)
    var content: [HTML] = []
    if case .found(let finding) = judgement {
      content = [
        Page.verdict("suggested: \(finding.suggestion)", sentences, tone: .good),
        .element("p", [], [.element("code", text: "--set \(finding.setting(for: configuration))")]),
        Page.tiles([
          (
            Scale.plain(finding.suggestion), "suggested",
            finding.steepest < finding.minimum / 10
              ? "between the next and a tenth of the minimum's" : "a tenth of the minimum's"
          ),
          (Self.text(finding.steepest), "steepest descent", "of the mean loss"),
          (Self.text(finding.minimum), "minimum", "mean loss \(Format.significant(finding.minimumLoss))"),
          (Scale.plain(configuration.optimizer.learningRate, digits: 4), "configured", configuration.optimizer.name),
        ]),
      ]
    } else {
      content = [Page.verdict("the curve shows nothing", sentences, tone: .bad)]
    }
    if case .diverged(let message) = end { content.append(Page.paragraph("It ended there: \(message)")) }
    content.append(Page.section("Loss over learning rate", [chart(configuration), Self.legend]))
    content.append(Page.section("Environment", [Page.environment]))
    content.append(
      Page.section("Configuration, every default written out", [Page.listing(configuration.resolvedYAML)]))
    return Page(
      title: "\(configuration.name): which learning rate",
      subtitle:
        "\(points.count) of \(plan.steps) steps from \(Format.significant(plan.from, 2)) to \(Format.significant(plan.to, 2)), \(configuration.optimizer.name).",
      content: content)
  }

  private func chart(_ configuration: RunConfiguration) -> HTML {
    guard points.count > 1 else { return Page.paragraph("Too few steps for a curve.", quiet: true) }
    // The end of a curve that grows hundredfold would leave nothing of the rest.
    let (start, low) = (points.map(\.meanLoss).prefix(10).max() ?? 1, points.map(\.meanLoss).min() ?? 0)
    let top = start + max(start - low, abs(start) * 1e-3)
    func shown(_ loss: Double) -> Double? { loss <= top ? loss : nil }
    var events = [LineChart.Event("configured", at: configuration.optimizer.learningRate)]
    if case .found(let finding) = judgement { events.append(LineChart.Event("suggested", at: finding.suggestion)) }
    let range = (points[0].learningRate, points[points.count - 1].learningRate)
    let picture = LineChart(
      [
        .init(name: "batch", points: points.map { (x: $0.learningRate, y: shown($0.loss)) }),
        .init(name: "mean", points: points.map { (x: $0.meanRate, y: shown($0.meanLoss)) }),
      ], xTitle: "learning rate", yTitle: "loss", x: .logarithmic, y: .linear,
      events: events.filter { $0.x >= range.0 && $0.x <= range.1 })
    let hidden = points.count { $0.loss > top }
    let note = hidden == 0 ? "" : " \(hidden) of \(points.count) batches lie above the picture."
    return Page.grid([Page.figure(picture.svg, caption: "Loss of each batch, and its mean.\(note)")])
  }

  private static let legend = Page.paragraph(
    "The learning rate grows by the same factor from step to step (Smith 2017). A mean weighs a step by 0.9 against the one after it; loss and logarithm of the rate are averaged alike, so that the curve does not lag. It ends where the mean is 4 times its minimum, or not finite.",
    quiet: true)
}
