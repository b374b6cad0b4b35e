import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining

// What the layers did: by the log where it tells, and by the weights of the newest checkpoint.
extension RunHistory {
  var layerPictures: [HTML] {
    let moments = lines.filter { $0.event == "layers" }.map(LayerMoment.init)
    let shown = LayerMoment.thinned(moments)
    let note =
      moments.isEmpty
      ? hint
      : shown.count < moments.count
        ? "Over time \(shown.count) of \(Format.count(moments.count)) moments are shown, evenly apart." : nil
    let pictures = (moments.isEmpty ? [] : logPictures(moments, shown)) + (weightChart.map { [$0] } ?? [])
    return (note.map { [Page.paragraph($0, quiet: true)] } ?? [])
      + (pictures.isEmpty ? [] : [Page.grid(pictures, minimum: 330)]) + histograms
  }

  private var hint: String {
    if record.configuration.metrics.layersEvery != nil {
      return "The log does not tell of layers yet: no step at which it would has been done."
    }
    return
      "The log does not tell of layers. metrics: {layers_every: {steps: 100}} would have added signals, gradient norms, updates against weights and dead units over time; lockstep diagnose config.yaml shows signal and gradient layer by layer."
  }

  // MARK: From the log

  /// - Parameter thinned: the moments that are shown over time.
  private func logPictures(_ moments: [LayerMoment], _ thinned: [LayerMoment]) -> [HTML] {
    let shown = Set([0, moments.count / 2, moments.count - 1]).sorted().map { moments[$0] }
    // Logs of earlier versions tell of no signal.
    let tellsSignal = moments.contains { $0.signals.contains { $0.value != nil } }
    var pictures =
      tellsSignal
      ? [overLayers("Signal: RMS of what each layer with weights hands on", shown, .logarithmic, \.signals)] : []
    pictures += [
      overLayers("Gradient norm of each layer's weight", shown, .logarithmic, \.gradients),
      overLayers("Update ‖ΔW‖ / ‖W‖ of one step", shown, .logarithmic, \.updates),
    ]
    if moments.contains(where: { !$0.dead.isEmpty }) {
      pictures.append(
        overLayers("Share of dead units, or channels, in each layer of rectifiers", shown, .linear, \.dead))
    }
    if moments.count > 1 {
      pictures += [
        tellsSignal ? heat("Signal over time", thinned, \.signals) : nil,
        heat("Gradient norm over time", thinned, \.gradients), heat("Update ‖ΔW‖ / ‖W‖ over time", thinned, \.updates),
      ]
      .compactMap { $0 }
    }
    return pictures
  }

  private func overLayers(
    _ title: String, _ moments: [LayerMoment], _ spacing: Scale.Spacing,
    _ figures: KeyPath<LayerMoment, [LayerMoment.Figure]>
  ) -> HTML {
    var caption = title
    let series = moments.map { moment in
      LineChart.Series(
        name: "step \(Format.count(moment.step))",
        points: moment[keyPath: figures].enumerated().map { (x: Double($0 + 1), y: $1.value) })
    }
    let values = series.flatMap { $0.points.compactMap(\.y) }
    if spacing == .logarithmic, values.contains(0) {
      guard values.contains(where: { $0 > 0 }) else {
        return Page.figure(Page.paragraph("0 in every layer.", quiet: true), caption: caption)
      }
      caption += "; where a line has a gap, it is 0"
    }
    let what = figures == \.dead ? "layer of rectifiers" : "layer with weights"
    let chart = LineChart(
      series, xTitle: what, yTitle: "", x: .whole, y: spacing, span: spacing == .logarithmic ? 2 : 0.1)
    return Page.figure(chart.svg, caption: caption)
  }

  private func heat(
    _ caption: String, _ moments: [LayerMoment], _ figures: KeyPath<LayerMoment, [LayerMoment.Figure]>
  ) -> HTML? {
    let names = moments.last?[keyPath: figures].map(\.layer) ?? []
    guard !names.isEmpty else { return nil }
    let columns = moments.map { moment in
      Dictionary(moment[keyPath: figures].map { ($0.layer, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    let values = names.map { name in columns.map { $0[name] ?? nil } }
    var map = HeatMap(
      values, names: names, moments: moments.map { Format.count($0.step) }, xTitle: "step",
      title: "\(caption), by layer")
    // Alike at every moment.
    let folds =
      names.count < HeatMapRows.many
      ? [] : LayerFolding.folds(of: zip(names, values).map { .init(name: $0, figures: $1.map { .magnitude($0) }) })
    map.alike = folds.map { (rows: $0.layers, name: "\($0.blocks) blocks alike") }
    let closer = folds.map { "\($0.first) to \($0.last)" }.joined(separator: ", ")
    let zeros = values.contains { $0.contains(0) } ? "; empty where it is 0" : ""
    return Page.figure(
      map.svg, caption: "\(caption)\(closer == "" ? "" : "; blocks alike close together: \(closer)")\(zeros)")
  }

  // MARK: From the weights

  private var weightChart: HTML? {
    guard !weights.isEmpty else { return nil }
    let points = weights.enumerated().map { (x: Double($0 + 1), y: Optional($1.rms)) }
    let chart = LineChart(
      [LineChart.Series(name: "", points: points)], xTitle: "layer with weights", yTitle: "", x: .whole,
      y: .logarithmic,
      span: 2)
    return Page.figure(chart.svg, caption: "RMS of each layer's weight, step \(Format.count(weightStep))")
  }

  private var histograms: [HTML] {
    guard !weights.isEmpty else { return [] }
    let folds = LayerFolding.folds(
      of: weights.map { .init(name: $0.layer, figures: [.magnitude($0.rms), .magnitude($0.norm)]) })
    let most = 32
    // What is folded comes last where there are too many.
    let order = weights.indices.sorted { first, second in
      let isFolded = [first, second].map { index in folds.contains { $0.layers.contains(index) } }
      return isFolded[0] == isFolded[1] ? first < second : isFolded[1]
    }
    let drawn = Set(order.prefix(most))
    let figures = weights.enumerated().map { index, weight in
      drawn.contains(index)
        ? Page.figure(
          BarChart(
            weight.histogram.shares, low: weight.histogram.low, high: weight.histogram.high,
            title: "Histogram of the weights of \(weight.layer)"
          ).svg,
          caption:
            "\(weight.layer), \(weight.shape.map { Format.count($0) }.joined(separator: " × ")), norm \(Format.significant(weight.norm, 3))"
        ) : nil
    }
    let rest = weights.count > most ? " Of \(weights.count) layers \(most) are drawn." : ""
    let folding = folds.isEmpty ? "" : " \(LayerFolding.legend)"
    return [
      Page.paragraph(
        "How the weights are spread in the checkpoint of step \(Format.count(weightStep)).\(rest)\(folding)",
        quiet: true)
    ] + Page.folded(figures, folds, minimum: 190)
  }

  /// The step of the checkpoint that the weights are of.
  var weightStep: Int { checkpoints.last { $0.weightsDigest != nil }?.step ?? 0 }
}

/// What a line of the log says of all layers at one step.
private struct LayerMoment {
  typealias Figure = (layer: String, value: Double?)

  let step: Int
  /// Of the layers with weights.
  let signals: [Figure]
  let gradients: [Figure]
  let updates: [Figure]
  /// Of the layers of rectifiers.
  let dead: [Figure]

  init(_ line: MetricsLine) {
    step = line.step
    let layers = line.values["layers"]?.array?.compactMap(\.object) ?? []
    func figures(_ name: String, _ mark: String) -> [Figure] {
      layers.filter { $0[mark] != nil }.map { (layer: $0["name"]?.string ?? "", value: $0[name]?.number) }
    }
    signals = figures("signal", "signal")
    gradients = figures("gradient_norm", "gradient_norm")
    updates = figures("update_ratio", "gradient_norm")
    dead = figures("dead", "dead")
  }

  /// At most as many as a picture has columns, evenly apart, the first and the last among them.
  static func thinned(_ moments: [LayerMoment]) -> [LayerMoment] {
    let most = 48
    guard moments.count > most else { return moments }
    return (0..<most).map { moments[$0 * (moments.count - 1) / (most - 1)] }
  }
}
