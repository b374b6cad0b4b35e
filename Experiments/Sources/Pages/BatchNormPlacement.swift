import LockstepConfiguration
import LockstepFormats
import LockstepReport

/// BatchNorm before the activation, behind it, and none, over learning rates.
struct BatchNormPlacement: Experiment {
  let name = "batch-norm"
  let title = "BatchNorm before and after the activation, over learning rates"

  private static let base = """
    data:
      train:      {synthetic: {kind: gaussian_clusters, samples: 20000, features: 32, classes: 10, separation: 0.7}}
      validation: {synthetic: {kind: gaussian_clusters, samples: 4000, features: 32, classes: 10, separation: 0.7}}
    model:
      layers:
        - repeat: {times: 8, layers: [{dense: {units: 64, initializer: he_normal}}, relu]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: 0.1}}
    training: {batch_size: 256, shards: 4, steps: 300}
    """
  /// Of the validation data.
  private static let samples = 4000
  private static let placements = [
    ("none", "[{dense: {units: 64, initializer: he_normal}}, relu]"),
    ("before", "[{dense: {units: 64, initializer: he_normal, bias: false}}, batch_norm, relu]"),
    ("after", "[{dense: {units: 64, initializer: he_normal}}, relu, batch_norm]"),
  ]
  private static let rates = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    var curves: [[TrainedCurve]] = []
    for (_, layers) in Self.placements {
      var row: [TrainedCurve] = []
      for rate in Self.rates {
        let settings = ["model.layers.0.repeat.layers=\(layers)", "optimizer.sgd.learning_rate=\(rate)"]
        let curve = try TrainedCurve.train(RunConfiguration(Self.base, settings + (quick ? ["training.steps=30"] : [])))
        page.record(settings, curve.digest)
        row.append(curve)
      }
      curves.append(row)
    }
    let accuracy = curves.map { $0.map { $0.accuracy(guessing: 0.1) } }
    page.add(
      "## Accuracy after 300 steps of plain gradient descent\n\nEight hidden layers of 64, on 4,000 samples of ten classes that were not trained on."
    )
    page.addTable(
      ["learning rate"] + Self.placements.map { $0.0 == "none" ? "no BatchNorm" : "\($0.0) the activation" },
      Self.rates.enumerated().map { index, rate in
        [Format.significant(rate, 1)]
          + curves.indices.map {
            curves[$0][index].diverged == nil ? Format.percent(accuracy[$0][index]) : "diverged"
          }
      })
    page.addChart(
      Self.placements.enumerated().map { index, placement in
        LineChart.Series(name: placement.0, points: zip(Self.rates, accuracy[index]).map { (x: $0, y: Optional($1)) })
      }, xTitle: "learning rate", yTitle: "accuracy", x: .logarithmic, "rates",
      caption: "Accuracy over the learning rate")
    claims(accuracy, on: &page)
  }

  private func claims(_ accuracy: [[Double]], on page: inout ExperimentPage) {
    /// The largest rate whose accuracy is within five points of the best.
    func largest(_ index: Int) -> Double {
      let best = accuracy[index].max() ?? 0
      return Self.rates.indices.last { accuracy[index][$0] > best - 0.05 }.map { Self.rates[$0] } ?? 0
    }
    func width(_ index: Int) -> Int { accuracy[index].count { $0 > (accuracy.joined().max() ?? 0) - 0.05 } }
    let best = accuracy.map { $0.max() ?? 0 }
    func better(_ a: Double, _ b: Double) -> Difference { Difference(shares: a, b, of: Self.samples) }
    page.claim(
      "BatchNorm bears learning rates that are much larger, here ten times", source: "Ioffe, Szegedy 2015",
      holds: largest(1) >= 10 * largest(0),
      evidence:
        "up to \(Format.significant(largest(1), 1)) within five points of its best, without \(Format.significant(largest(0), 1))"
    )
    page.claim(
      "BatchNorm makes the choice of a rate matter less: more of them come within five points of the best",
      source: "Ioffe, Szegedy 2015",
      holds: width(1) > width(0), evidence: "\(width(1)) of \(Self.rates.count) rates, without \(width(0))")
    page.claim(
      "BatchNorm trains to a better accuracy in the same steps", source: "Ioffe, Szegedy 2015",
      better(best[1], best[0]).exceeds(),
      evidence: "\(Format.percent(best[1])) against \(Format.percent(best[0])): \(better(best[1], best[0]).points)")
    page.claim(
      "It belongs before the activation", source: "Ioffe, Szegedy 2015", better(best[1], best[2]).exceeds(),
      evidence:
        "before \(Format.percent(best[1])), after \(Format.percent(best[2])): \(better(best[1], best[2]).points)")
  }
}
