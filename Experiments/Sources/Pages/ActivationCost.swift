import LockstepFiles
import LockstepReport

/// Whether an activation that converges in fewer steps also does so in less time.
struct ActivationCost: Experiment {
  let name = "activation-cost"
  let title = "ReLU, leaky ReLU, ELU and SELU: steps against seconds"

  private static let base = """
    data:
      train:      {synthetic: {kind: teacher, samples: 100000, features: 64, classes: 10, depth: 2, width: 64, seed: 5}}
      validation: {synthetic: {kind: teacher, samples: 5000, features: 64, classes: 10, depth: 2, width: 64, seed: 5}}
    model:
      layers:
        - repeat: {times: 6, layers: [{dense: {units: 128, initializer: he_normal}}, relu]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.001}}
    training: {batch_size: 256, shards: 4, steps: 800}
    """
  private static let variants = [
    ("relu", "he_normal"), ("{leaky_relu: {negative_slope: 0.01}}", "he_normal"),
    ("{leaky_relu: {negative_slope: 0.2}}", "he_normal"), ("elu", "he_normal"), ("selu", "lecun_normal"),
  ]

  func carryOut(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    var curves: [TrainedCurve] = []
    // In turns, so that a machine that is slow for a while is slow for all: the curve of the first turn, the time of the fastest.
    for turn in 0..<(quick ? 1 : 3) {
      for (index, (activation, initializer)) in Self.variants.enumerated() {
        let settings = [
          "model.layers.0.repeat.layers.1=\(activation)",
          "model.layers.0.repeat.layers.0.dense.initializer=\(initializer)",
        ]
        let curve = try TrainedCurve.train(
          RunConfiguration(Self.base, settings + (quick ? ["training.steps=80"] : [])), every: 20)
        if turn == 0 {
          page.record(settings, curve.digest)
          curves.append(curve)
        } else if curve.stepSeconds < curves[index].stepSeconds {
          curves[index].stepSeconds = curve.stepSeconds
          curves[index].points = curve.points
        }
      }
    }
    let names = Self.variants.map { Words.short($0.0) }
    // What the slowest of them reaches at the end, all others reach before.
    let target = curves.compactMap { $0.points.map(\.loss).min() }.max() ?? 0
    let reached = curves.map { $0.steps(until: target) }
    page.add(
      "## Until a training loss of \(Format.significant(target, 3))\n\nSix hidden layers of 128 on labels of another, random network. The time of a step is the median of the fastest of three turns."
    )
    page.addTable(
      ["activation", "a step", "steps", "seconds", "loss at the end", "accuracy"],
      curves.indices.map { index in
        [
          names[index], Format.short(curves[index].stepSeconds), reached[index].map { "\($0.step)" } ?? "not reached",
          reached[index].map { Format.significant(Double($0.step) * curves[index].stepSeconds, 3) } ?? "",
          curves[index].points.last.map { Format.significant($0.loss, 3) } ?? "diverged",
          Format.percent(curves[index].accuracy(guessing: 0.1)),
        ]
      })
    page.addChart(
      [0, 2, 3, 4].map { index in
        let line = curves[index].series(names[index])
        return LineChart.Series(name: line.name, points: line.points)
      }, xTitle: "step", yTitle: "training loss", "steps", caption: "Training loss over steps")
    claims(curves, reached.map { $0?.step }, on: &page)
  }

  private func claims(_ curves: [TrainedCurve], _ steps: [Int?], on page: inout ExperimentPage) {
    let (relu, elu, selu) = (curves[0], curves[3], curves[4])
    func share(_ curve: TrainedCurve) -> String { "\(Format.fixed(curve.stepSeconds / relu.stepSeconds, 2)) ×" }
    func time(_ index: Int) -> Double? { steps[index].map { Double($0) * curves[index].stepSeconds } }
    page.claim(
      "ELU and SELU cost more a step than ReLU", source: "Clevert, Unterthiner, Hochreiter 2015",
      holds: elu.stepSeconds > relu.stepSeconds && selu.stepSeconds > relu.stepSeconds,
      evidence: "ELU \(share(elu)), SELU \(share(selu))")
    page.claim(
      "ELU converges in fewer steps than ReLU", source: "Clevert, Unterthiner, Hochreiter 2015",
      holds: (steps[3] ?? .max) < (steps[0] ?? .max),
      evidence: "\(steps[3].map(String.init) ?? "not") against \(steps[0].map(String.init) ?? "not")")
    page.claim(
      "and makes up for what its steps cost", source: "Clevert, Unterthiner, Hochreiter 2015",
      holds: (time(3) ?? .infinity) < (time(0) ?? .infinity),
      evidence:
        "\(time(3).map { Format.significant($0, 3) } ?? "∞") s against \(time(0).map { Format.significant($0, 3) } ?? "∞") s"
    )
    page.claim(
      "A leak of 0.2 converges in fewer steps than one of 0.01", source: "Xu et al. 2015",
      holds: (steps[2] ?? .max) < (steps[1] ?? .max),
      evidence: "\(steps[2].map(String.init) ?? "not") against \(steps[1].map(String.init) ?? "not")")
  }
}
