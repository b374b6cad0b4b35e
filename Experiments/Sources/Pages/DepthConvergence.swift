import LockstepConfiguration
import LockstepFormats
import LockstepReport

/// How networks of growing depth train, each activation with the initialisation that fits it.
struct DepthConvergence: Experiment {
  let name = "depth"
  let title = "Training at depth 5, 20, 50 and 100"

  private static let base = """
    data:
      train:      {synthetic: {kind: gaussian_clusters, samples: 20000, features: 32, classes: 10, separation: 0.7}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 4000, features: 32, classes: 10, separation: 0.7}}
    model:
      layers:
        - repeat: {times: 5, layers: [{dense: {units: 64, initializer: he_normal}}, relu]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.001}}
    training: {batch_size: 128, shards: 4, steps: 400, gradient_clip: {global_norm: 1}}
    """
  private static let depths = [5, 20, 50, 100]
  /// With the initialisation that is said to fit, and ReLU with another.
  private static let variants = [
    ("sigmoid", "glorot_uniform"), ("tanh", "glorot_uniform"), ("relu", "he_normal"), ("relu", "glorot_uniform"),
    ("{leaky_relu: {negative_slope: 0.01}}", "he_normal"), ("{leaky_relu: {negative_slope: 0.2}}", "he_normal"),
    ("rrelu", "he_normal"), ("prelu", "he_normal"), ("elu", "he_normal"), ("selu", "lecun_normal"),
  ]

  /// Of the validation data.
  private static let samples = 4000

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    var curves: [[TrainedCurve]] = []
    for (activation, initializer) in Self.variants {
      var row: [TrainedCurve] = []
      for depth in Self.depths {
        let settings = [
          "model.layers.0.repeat.times=\(depth)", "model.layers.0.repeat.layers.1=\(activation)",
          "model.layers.0.repeat.layers.0.dense.initializer=\(initializer)",
        ]
        let curve = try TrainedCurve.train(RunConfiguration(Self.base, settings + (quick ? ["training.steps=40"] : [])))
        page.record(settings, curve.digest)
        row.append(curve)
      }
      curves.append(row)
    }
    func accuracy(_ variant: Int, _ depth: Int) -> Double { curves[variant][depth].accuracy(guessing: 0.1) }
    page.add(
      "## Accuracy after 400 steps\n\nOn 4,000 samples of ten classes that were not trained on; guessing reaches 10 %. No normalisation, no residuals."
    )
    page.addTable(
      ["activation", "initialisation"] + Self.depths.map { "\($0) layers" },
      Self.variants.enumerated().map { index, variant in
        [Words.short(variant.0), variant.1] + Self.depths.indices.map { Format.percent(accuracy(index, $0)) }
      })
    for (depth, index) in [(20, 1), (100, 3)] {
      let chosen = [0, 1, 2, 9]
      let series = chosen.map { variant in
        let line = curves[variant][index].series(Words.short(Self.variants[variant].0))
        return LineChart.Series(name: line.name, points: line.points)
      }
      page.addChart(
        series, xTitle: "step", yTitle: "training loss", "loss-\(depth)",
        caption: "Training loss, \(depth) layers")
    }
    claims(accuracy, on: &page)
  }

  private func claims(_ accuracy: (Int, Int) -> Double, on page: inout ExperimentPage) {
    func say(_ variant: Int) -> String {
      Self.depths.indices.map { Format.percent(accuracy(variant, $0)) }.joined(separator: ", ")
    }
    page.claim(
      "Sigmoid networks of 20 layers and more do not train", source: "Glorot, Bengio 2010",
      holds: (1...3).allSatisfy { accuracy(0, $0) < 0.2 }, evidence: say(0))
    page.claim(
      "ReLU with He's initialisation trains at 20 layers as at 5, within 5 points", source: "He et al. 2015",
      Difference(shares: accuracy(2, 0), accuracy(2, 1), of: Self.samples).staysBelow(0.05), evidence: say(2))
    page.claim(
      "With Glorot's, deep ReLU networks stall where He's go on training", source: "He et al. 2015",
      holds: accuracy(3, 2) < accuracy(2, 2) - 0.05 || accuracy(3, 3) < accuracy(2, 3) - 0.05,
      evidence: "50 and 100 layers: Glorot \(Format.percent(accuracy(3, 2))), \(Format.percent(accuracy(3, 3))); He "
        + "\(Format.percent(accuracy(2, 2))), \(Format.percent(accuracy(2, 3)))")
    page.claim(
      "SELU trains networks of 100 layers without normalisation", source: "Klambauer et al. 2017",
      holds: accuracy(9, 3) > accuracy(9, 0) - 0.1, evidence: say(9))
    let others = Self.variants.indices.filter { $0 != 9 }.map { accuracy($0, 3) }.max() ?? 0
    let best = Difference(shares: accuracy(9, 3), others, of: Self.samples)
    page.claim(
      "At 100 layers SELU is the best of them", source: "Klambauer et al. 2017", best.exceeds(),
      evidence: "\(Format.percent(accuracy(9, 3))), the best other \(Format.percent(others)): \(best.points)")
  }
}
