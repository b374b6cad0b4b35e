import LockstepConfiguration
import LockstepFormats
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

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    // A seed a turn, and in turns, so that a machine that is slow for a while is slow for all.
    var turns: [[TrainedCurve]] = []
    for seed in 1...(quick ? 2 : 5) {
      turns.append(
        try Self.variants.map { activation, initializer in
          let settings = [
            "seed=\(seed)", "model.layers.0.repeat.layers.1=\(activation)",
            "model.layers.0.repeat.layers.0.dense.initializer=\(initializer)",
          ]
          let curve = try TrainedCurve.train(
            RunConfiguration(Self.base, settings + (quick ? ["training.steps=80"] : [])), every: 20)
          page.record(settings, curve.digest)
          return curve
        })
    }
    let curves = turns[0]
    /// Of the fastest turn.
    let stepSeconds = Self.variants.indices.map { index in turns.map { $0[index].stepSeconds }.min() ?? 0 }
    // What the slowest of them reaches at the end, all others reach before: a loss a seed.
    let steps = turns.map { turn in
      let target = turn.compactMap { $0.points.map(\.loss).min() }.max() ?? 0
      return turn.map { $0.steps(until: target).map { Double($0.step) } ?? .nan }
    }
    let reached = Self.variants.indices.map { index in Figures(values: steps.map { $0[index] }) }
    let names = Self.variants.map { Words.short($0.0) }
    page.add(
      "## Until the training loss that the slowest reaches\n\nSix hidden layers of 128 on labels of another, random network; \(turns.count) seeds. The time of a step is the median of the fastest turn."
    )
    page.addTable(
      ["activation", "a step", "steps", "seconds", "loss at the end", "accuracy"],
      curves.indices.map { index in
        [
          names[index], Format.short(stepSeconds[index]),
          "\(Format.fixed(reached[index].mean, 0)) ± \(Format.fixed(reached[index].deviation, 0))",
          Format.significant(reached[index].mean * stepSeconds[index], 3),
          curves[index].points.last.map { Format.significant($0.loss, 3) } ?? "diverged",
          Figures(values: turns.map { $0[index].accuracy(guessing: 0.1) }).percent,
        ]
      })
    page.addChart(
      [0, 2, 3, 4].map { index in
        let line = curves[index].series(names[index])
        return LineChart.Series(name: line.name, points: line.points)
      }, xTitle: "step", yTitle: "training loss", "steps", caption: "Training loss over steps")
    claims(stepSeconds, reached, on: &page)
  }

  private func claims(_ stepSeconds: [Double], _ steps: [Figures], on page: inout ExperimentPage) {
    let (relu, elu, selu) = (0, 3, 4)
    func share(_ index: Int) -> String { "\(Format.fixed(stepSeconds[index] / stepSeconds[relu], 2)) ×" }
    func fewer(_ a: Int, than b: Int, times costs: [Double]? = nil) -> Difference {
      Difference(
        steps[b].values.map { $0 * (costs?[b] ?? 1) }, steps[a].values.map { $0 * (costs?[a] ?? 1) })
    }
    page.claim(
      "ELU and SELU cost more a step than ReLU", source: "Clevert, Unterthiner, Hochreiter 2015",
      holds: stepSeconds[elu] > stepSeconds[relu] && stepSeconds[selu] > stepSeconds[relu],
      evidence: "ELU \(share(elu)), SELU \(share(selu))")
    page.claim(
      "ELU converges in fewer steps than ReLU", source: "Clevert, Unterthiner, Hochreiter 2015",
      fewer(elu, than: relu).exceeds(), evidence: "fewer by \(fewer(elu, than: relu).plain)")
    page.claim(
      "and makes up for what its steps cost", source: "Clevert, Unterthiner, Hochreiter 2015",
      fewer(elu, than: relu, times: stepSeconds).exceeds(),
      evidence: "less by \(fewer(elu, than: relu, times: stepSeconds).plain) s")
    page.claim(
      "A leak of 0.2 converges in fewer steps than one of 0.01", source: "Xu et al. 2015",
      fewer(2, than: 1).exceeds(), evidence: "fewer by \(fewer(2, than: 1).plain)")
  }
}
