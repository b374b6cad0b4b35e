import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
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
      let validation = record.evaluations.map { (x: Double($0.step), y: $0.metrics[name]?.number) }
      return curve(
        metric == .loss
          ? "Loss: \(record.configuration.loss.name)\(ofTargets)"
          : "\(Self.words(name))\(summed.contains(metric) ? "" : " on the validation data")",
        (summed.contains(metric) ? [LineChart.Series(name: "training", points: points(name))] : [])
          + (validation.isEmpty ? [] : [LineChart.Series(name: "validation", points: validation)]))
    }
    var rest = [curve("Learning rate", [LineChart.Series(name: "", points: points("learning_rate"))])]
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

  /// How lines of very many points are drawn.
  var curveNote: HTML? {
    let validation =
      !record.evaluations.isEmpty || training.isEmpty
      ? ""
      : record.configuration.data.hasValidation
        ? "Nothing has been evaluated yet. "
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
  /// - Parameter fromZero: whether the axis begins at 0, for what is to be compared by its height.
  func curve(
    _ caption: String, _ series: [LineChart.Series], fromZero: Bool = false
  ) -> HTML {
    let values = series.flatMap { $0.points.compactMap(\.y) }.filter(\.isFinite)
    guard !values.isEmpty else {
      return Page.figure(Page.paragraph("No finite number in the log.", quiet: true), caption: caption)
    }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let isWide = low > 0 && high / low > 30
    let chart = LineChart(
      series, xTitle: "step", yTitle: "", x: .whole, y: isWide && !fromZero ? .logarithmic : .linear,
      including: fromZero ? [0] : [], events: chartEvents)
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

  static func words(_ name: String) -> String { name.split(separator: "_").joined(separator: " ") }
}
