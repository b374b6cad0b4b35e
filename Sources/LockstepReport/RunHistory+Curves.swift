import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining

// Figures over the steps.
extension RunHistory {
  /// Loss and metrics, learning rate, gradient norm.
  var curves: [HTML] {
    let summed = record.configuration.loss.summedMetrics
    let further = record.configuration.furtherMetrics
    // What the metrics beside it are not.
    let isScaled = record.configuration.data.preprocessing?.targetScales.isEmpty == false
    let ofTargets = isScaled ? " of standardised targets" : ""
    let metrics = (summed + further).map { metric in
      let name = metric.rawValue
      let training = summed.contains(metric) ? points(name) : []
      let validation = record.evaluations.map { (x: Double($0.step), y: $0.metrics[name]?.number) }
      return curve(
        metric == .loss
          ? "Loss: \(record.configuration.loss.name)\(ofTargets)\(gap(training, validation))"
          : "\(Self.title(name))\(summed.contains(metric) ? gap(training, validation) : " on the validation data")",
        (summed.contains(metric) ? [LineChart.Series(name: "training", points: training)] : [])
          + (validation.isEmpty ? [] : [LineChart.Series(name: "validation", points: validation)]),
        marks: evaluationMarks)
    }
    // A schedule is to be seen as it is: a straight line as one.
    var rest = [
      curve("Learning rate", [LineChart.Series(name: "", points: points("learning_rate"))], fromZero: true)
    ]
    if training.contains(where: { $0.values["gradient_norm"]?.number != nil }) {
      var caption = "Gradient norm over all parameters"
      if case .globalNorm = record.configuration.training.gradientClip {
        caption += " before clipping, the largest since the line before"
      }
      rest.append(
        curve(
          caption,
          [LineChart.Series(name: "", points: points("gradient_norm"))]))
    }
    return metrics + rest
  }

  /// How far validation lies from training, at the last evaluation with a line of training before it: `; at step 80
  /// validation 0.41, training 0.32, a gap of +0.09`.
  private func gap(_ training: [(x: Double, y: Double?)], _ validation: [(x: Double, y: Double?)]) -> String {
    guard let last = validation.last(where: { $0.y?.isFinite == true }), let value = last.y,
      let trained = training.last(where: { $0.x <= last.x && $0.y?.isFinite == true })?.y
    else { return "" }
    let gap = Format.signed(value - trained, 2)
    return
      "; at step \(Format.count(Int(last.x))) validation \(Format.significant(value)), training \(Format.significant(trained)), a gap of \(gap)"
  }

  /// The best evaluation, and the end where nothing got better any more.
  private var evaluationMarks: [LineChart.Event] {
    let best = record.best.map { LineChart.Event("best", at: Double($0.step)) }
    let early = lines.last { $0.event == "stopped_early" }.map { LineChart.Event("stopped early", at: Double($0.step)) }
    return [best, early].compactMap { $0 }
  }

  /// How lines of very many points are drawn.
  var curveNote: HTML? {
    let validation =
      !record.evaluations.isEmpty || training.isEmpty
      ? ""
      : record.configuration.data.hasValidation
        ? canGoOn ? "Nothing has been evaluated yet. " : "Nothing was evaluated. "
        : "Nothing is evaluated: data.validation would show how it does on samples that it has not seen. "
    let thinned =
      training.count > 1500
      ? "\(Format.count(training.count)) lines of figures: of those that share a place in a picture the first, the last, the lowest and the highest are drawn, which looks the same as all. "
      : ""
    let means =
      training.isEmpty
      ? "" : "Loss and metrics of training are means over the samples of the steps since the line before."
    let text = validation + thinned + means
    return text == "" ? nil : Page.paragraph(text, quiet: true)
  }

  /// A member of the lines of training figures over the steps; null is a gap.
  func points(_ name: String) -> [(x: Double, y: Double?)] {
    training.map { (x: Double($0.step), y: $0.values[name]?.number) }
  }

  /// A chart over the steps with the events of the run on it; logarithmic where its values span more than a decade and
  /// a half.
  ///
  /// - Parameters:
  ///   - marks: further places to be told of.
  ///   - fromZero: whether the axis begins at 0, for what is to be compared by its height.
  func curve(
    _ caption: String, _ series: [LineChart.Series], marks: [LineChart.Event] = [], fromZero: Bool = false
  ) -> HTML {
    let values = series.flatMap { $0.points.compactMap(\.y) }.filter(\.isFinite)
    guard !values.isEmpty else {
      return Page.figure(Page.paragraph("No finite number in the log.", quiet: true), caption: caption)
    }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let isWide = low > 0 && high / low > 30
    let chart = LineChart(
      series, xTitle: "step", yTitle: "", x: .whole, y: isWide && !fromZero ? .logarithmic : .linear,
      including: fromZero ? [0] : [], events: chartEvents + marks)
    return Page.figure(chart.svg, caption: caption)
  }

  private var chartEvents: [LineChart.Event] {
    lines.compactMap { line in
      switch line.event {
      case "restored": LineChart.Event("restored", at: Double(line.step), isBad: true)
      case "diverged": LineChart.Event("diverged", at: Double(line.step), isBad: true)
      default: nil
      }
    }
  }

  // MARK: What happened

  /// Lines that tell of what is not every day's.
  var happenings: [MetricsLine] {
    lines.filter { !["train", "validation", "layers", "digest"].contains($0.event) }
  }

  var happeningTable: HTML {
    let most = 40
    let rows = happenings.suffix(most).map { line in
      [HTML.text(Format.count(line.step)), .text(Self.words(line.event)), .text(line.values["message"]?.string ?? "")]
    }
    let table = Page.table(["step", "event", "message"], rows, right: [0], wrapped: [2])
    let missing = happenings.count - rows.count
    if missing <= 0 { return table }
    return HTML(
      markup: Page.paragraph(
        "The last \(most); \(Format.count(missing)) earlier ones stand in metrics.jsonl.", quiet: true
      )
      .markup + table.markup)
  }

  /// What a metric, or what else a log tells of, is called in a sentence.
  static func words(_ name: String) -> String {
    Metric(rawValue: name)?.words ?? name.replacing("_", with: " ")
  }

  /// The same as the beginning of one.
  static func title(_ name: String) -> String {
    let words = words(name)
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  /// Whether more of it may come.
  private var canGoOn: Bool {
    switch state {
    case .running, .killed, .paused: true
    case .diverged, .failed, .finished, .stoppedEarly: false
    }
  }
}
