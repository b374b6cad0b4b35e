import LockstepConfiguration
import LockstepData
import LockstepExamination
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension Diagnosis {
  /// The whole diagnosis as a page: verdict, charts over the layers, what to change, and for every layer its figures
  /// and its histogram.
  ///
  /// - Parameters:
  ///   - name: that of the configuration.
  ///   - prescription: what to change.
  ///   - checks: what the run was looked over by; none for not.
  package func report(
    name: String, _ prescription: Prescription = Prescription(advice: []), checks: [Check] = []
  ) -> Page {
    let last = stages.last
    let rows = last.map { "\(Format.count($0.rows)) samples in \($0.batches) \($0.batches == 1 ? "batch" : "batches")" }
    let titles = stages.map(\.title).joined(separator: " and ")
    var content = stages.map(\.box)
    content.append(Page.section("Layer by layer", [charts]))
    if !checks.isEmpty { content.append(Page.section("Checks: \(checks.summary)", [checks.table])) }
    if !prescription.cures.isEmpty { content.append(Page.section("What to change", prescription.list)) }
    let title = prescription.cures.isEmpty ? "What to change" : "Line by line"
    if !prescription.advice.isEmpty { content.append(Page.section(title, [Page.list(prescription.advice)])) }
    for stage in stages.reversed() {
      let field = stage.fieldSentence.map { [Page.paragraph($0)] } ?? []
      let folding = stage.folds.isEmpty ? [] : [Page.paragraph(LayerFolding.legend, quiet: true)]
      content.append(
        Page.section("Figures \(stage.title)", [stage.table(self)] + field + [Diagnosis.legend] + folding))
      content.append(
        Page.section(
          "Outputs \(stage.title)",
          [
            Page.paragraph("How the values of each layer are spread over all units and samples.", quiet: true)
          ] + stage.histograms))
      if isRounded {
        content.append(
          Page.section("Rounding to bfloat16 \(stage.title)", [stage.roundingTable, Diagnosis.roundingLegend]))
      }
    }
    return Page(
      title: "\(name): \(verdicts.map(\.words).joined(separator: ", "))",
      subtitle: "What lockstep diagnose saw \(titles), over \(rows ?? "no samples").", content: content)
  }

  /// Whether there are figures of rounding.
  fileprivate var isRounded: Bool { stages.contains { $0.layers.contains { $0.signalRounding != nil } } }

  private var charts: HTML {
    Page.grid(
      [
        chart("Signal: RMS of the activations' outputs", "", \.rms) { $0.signalGrowth },
        chart("Gradient: RMS of what reaches them", " back", \.gradientRMS, isForward: false) { $0.gradientGrowth },
        chart("Spread: deviation of a unit over the samples, averaged over the units", "", \.stddev) { _ in nil },
      ]
        + (isRounded
          ? [
            chart("Rounding to bfloat16: what it changes of the spread", "", \.signalRounding) { _ in nil },
            chart("Rounding to bfloat16: what it changes of the gradient", "", \.gradientRounding) { _ in nil },
          ] : []),
      minimum: 300)
  }

  /// Every stage's figure over the layers with weights, with its fit.
  private func chart(
    _ title: String, _ way: String, _ figure: KeyPath<Layer, Double?>, isForward: Bool = true,
    _ growth: (Stage) -> Double?
  ) -> HTML {
    let series = stages.flatMap { stage in
      let points = zip(stage.points, stage.values(figure)).map { (x: Double($0.dense + 1), y: $1) }
      return [LineChart.Series(name: "step \(stage.step)", points: points)] + fit(points, growth(stage))
    }
    let factors = stages.compactMap { stage in
      growth(stage).map { "× \(Format.significant(isForward ? $0 : 1 / $0, 3))" }
    }
    let words = factors.isEmpty ? "" : ". A layer\(way): \(factors.joined(separator: ", then "))"
    let chart = LineChart(series, xTitle: "layer with weights", yTitle: "", x: .whole, y: .logarithmic, span: 3)
    return Page.figure(chart.svg, caption: title + words)
  }

  /// The line exp(a + slope · index) whose slope is the growth, through the mean of the logarithms.
  private func fit(_ points: [(x: Double, y: Double?)], _ growth: Double?) -> [LineChart.Series] {
    let known = points.compactMap { point in point.y.flatMap { $0 > 0 ? (x: point.x, y: Format.log10($0)) : nil } }
    guard let growth, let first = known.first, let last = known.last, known.count > 2 else { return [] }
    let count = Double(known.count)
    let centre = known.reduce(0) { $0 + $1.x } / count
    let height = known.reduce(0) { $0 + $1.y } / count
    let ends = [first.x, last.x].map {
      (x: $0, y: Optional(Format.power10(height + ($0 - centre) * Format.log10(growth))))
    }
    return [LineChart.Series(name: "fit", points: ends, style: .fit)]
  }

  private static let legend = Page.paragraph(
    "Signal and gradient are RMS over all samples and units, their bars logarithmic; spread is the standard deviation of a unit over the samples, rank the number of directions in which samples differ. Flat: the share of values where |f′| is below 5 % of its maximum. Dead: the share of units, or of an image's channels over all positions, that no sample brings above 0. Update: ‖ΔW‖ / ‖W‖ of one step. Rows in grey are not activations.",
    quiet: true)

  private static let roundingLegend = Page.paragraph(
    "Against the same pass in float32. Rounding: the spread of what bfloat16 changes over the spread. Back: the norm of what it changes of the gradient over its norm. Flushed: the share of the gradient's elements that become 0. Lost: the share of the weights with a gradient that the step leaves as they were; hidden: as they were in bfloat16.",
    quiet: true)
}

extension Diagnosis.Stage {
  fileprivate var box: HTML {
    let stopped = stopped.map { ["Training stopped: \($0)"] } ?? []
    return Page.verdict(
      "\(verdicts.map(\.words).joined(separator: ", ")) \(title)", sentences + stopped,
      tone: findings.isEmpty && stopped.isEmpty ? .good : .bad)
  }

  fileprivate func table(_ diagnosis: Diagnosis) -> HTML {
    let all = diagnosis.stages.flatMap(\.layers)
    let signal = Scale(.logarithmic, holding: all.compactMap(\.rms), span: 3)
    let gradient = Scale(.logarithmic, holding: all.compactMap(\.gradientRMS), span: 3)
    let hasFlat = all.contains { $0.saturated != nil }
    let hasDead = all.contains { $0.dead != nil }
    let rows = layers.map { layer in
      [
        .text(layer.name), bar(layer.rms, signal, ""), bar(layer.gradientRMS, gradient, " second"),
        number(layer.mean), number(layer.stddev), number(layer.rank), .text(layer.range),
      ] + (hasFlat ? [share(layer.saturated)] : []) + (hasDead ? [share(layer.dead)] : []) + [number(layer.updateRatio)]
    }
    let header =
      ["layer", "signal", "gradient", "mean", "spread", "rank", "5 % … 95 %"] + (hasFlat ? ["flat"] : [])
      + (hasDead ? ["dead"] : [])
      + ["update"]
    return Page.table(
      header, rows, right: Set(1..<header.count), emphasized: Set(points.map(\.layer)),
      folds: folds.map { (rows: $0.layers, words: $0.words) })
  }

  /// Layers that look like those beside them, but for those that a finding names.
  fileprivate var folds: [LayerFolding.Fold] {
    LayerFolding.folds(
      of: layers.map { layer in
        LayerFolding.Layer(
          name: layer.name,
          figures: [layer.rms, layer.gradientRMS, layer.stddev, layer.updateRatio].map { .magnitude($0) }
            + [layer.saturated, layer.dead].map { .share($0) })
      }, showing: Set(findings.flatMap { [$0.layer, $0.end] } + [samplesLostAt?.name].compactMap { $0 }))
  }

  fileprivate var roundingTable: HTML {
    let rows = layers.map { layer in
      [
        .text(layer.name), number(layer.signalRounding), number(layer.gradientRounding), share(layer.gradientFlushed),
        share(layer.updateLost), share(layer.updateHidden),
      ]
    }
    let header = ["layer", "rounding", "back", "flushed", "lost", "hidden"]
    return Page.table(
      header, rows, right: Set(1..<header.count), emphasized: Set(points.map(\.layer)),
      folds: folds.map { (rows: $0.layers, words: $0.words) })
  }

  private func number(_ value: Double?) -> HTML { .text(value.map { Format.significant($0, 3) } ?? "") }
  private func share(_ value: Double?) -> HTML { .text(value.map { Format.percent($0) } ?? "") }

  private func bar(_ value: Double?, _ scale: Scale, _ kind: String) -> HTML {
    guard let value else { return .text("not finite") }
    let share = max(0.01, min(1, scale.place(value) ?? 0)) * 100
    return HTML(
      markup: HTML.text(Format.significant(value, 3)).markup
        + HTML.element(
          "span", [("class", "bar\(kind)")], [.element("i", [("style", "width: \(coordinate(share))%")], text: "")]
        ).markup)
  }

  /// Of every layer; of those that look alike behind a line.
  fileprivate var histograms: [HTML] {
    let figures = layers.map { layer in
      layer.histogram.map { histogram in
        Page.figure(
          BarChart(
            histogram.shares, low: histogram.low, high: histogram.high,
            title: "Histogram of the outputs of \(layer.name)"
          ).svg, caption: layer.name)
      }
    }
    return Page.folded(figures, folds, minimum: 190)
  }
}

extension Diagnosis.Layer {
  /// The quantiles between which nine values of ten lie.
  fileprivate var range: String {
    func quantile(_ share: Double) -> String? {
      zip(Diagnosis.quantiles, quantiles).first { $0.0 == share }.map { Format.significant($0.1, 3) }
    }
    guard let low = quantile(0.05), let high = quantile(0.95) else { return "" }
    return "\(low) … \(high)"
  }
}
