import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepReport

/// What the negative slope of a rectifier does on few and on many samples.
struct RectifierSlopes: Experiment {
  let name = "rectifiers"
  let title = "Leaky, randomised and learned slopes, on small and on large data"

  private static let base = """
    data:
      train:      {synthetic: {kind: teacher, samples: 40000, features: 20, classes: 5, depth: 2, width: 32, noise: 0.1, seed: 3}}
      validation: {synthetic: {kind: teacher, samples: 10000, features: 20, classes: 5, depth: 2, width: 32, noise: 0.1, seed: 3}}
    model:
      layers:
        - repeat: {times: 3, layers: [{dense: {units: 96, initializer: he_normal}}, relu]}
        - dense: {units: 5}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.001}}
    training: {batch_size: 128, shards: 4, steps: 1000}
    """
  private static let activations = [
    "relu", "{leaky_relu: {negative_slope: 0.01}}", "{leaky_relu: {negative_slope: 0.2}}", "rrelu", "prelu",
    "{prelu: {slopes: shared}}",
  ]
  private static let names = [
    "relu", "leaky 0.01", "leaky 0.2", "rrelu", "prelu, a slope a unit", "prelu, a slope a layer",
  ]
  private static let sizes = [500, 40_000]

  /// Accuracy on both sides of the split, by size of the data and activation.
  private struct Result {
    var train = Figures(values: [])
    var validation = Figures(values: [])
    var gap: Figures { Figures(values: zip(train.values, validation.values).map { $0 - $1 }) }
  }

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    var results = Self.sizes.map { _ in Self.activations.map { _ in Result() } }
    for (size, samples) in Self.sizes.enumerated() {
      for (index, activation) in Self.activations.enumerated() {
        for seed in 1...(quick ? 2 : 5) {
          let settings = [
            "seed=\(seed)", "data.train.synthetic.samples=\(samples)", "model.layers.0.repeat.layers.1=\(activation)",
          ]
          let curve = try TrainedCurve.train(
            RunConfiguration(Self.base, settings + (quick ? ["training.steps=100"] : [])), evaluatesTrain: true)
          page.record(settings, curve.digest)
          results[size][index].train.values.append(curve.train["accuracy"] ?? 0)
          results[size][index].validation.values.append(curve.validation["accuracy"] ?? 0)
        }
      }
    }
    page.add(
      """
      ## Few samples and many

      Labels come from another, random network, one in ten replaced by a random one, so that there is something that should not be learned. Five seeds each, 1,000 steps
      of 128 samples whatever the size of the data: mean ± standard deviation. The *gap* is the accuracy on the samples trained on less that on others.
      """)
    for (size, samples) in Self.sizes.enumerated() {
      page.add("\(Format.count(samples)) samples:")
      page.addTable(
        ["activation", "trained on", "others", "gap"],
        Self.names.enumerated().map { index, name in
          let result = results[size][index]
          return [name, result.train.percent, result.validation.percent, result.gap.percent]
        })
    }
    claims(results, on: &page)
  }

  private func claims(_ results: [[Result]], on page: inout ExperimentPage) {
    let (small, large) = (results[0], results[1])
    func difference(_ a: Figures, _ b: Figures) -> Difference { Difference(a.values, b.values) }
    func compare(_ a: Figures, _ b: Figures) -> String {
      "\(a.percent) against \(b.percent): \(difference(a, b).points)"
    }
    page.claim(
      "Leaky ReLU with a slope of 0.2 does better than with 0.01", source: "Xu et al. 2015",
      difference(small[2].validation, small[1].validation).exceeds()
        .and(difference(large[2].validation, large[1].validation).exceeds()),
      evidence:
        "few samples \(compare(small[2].validation, small[1].validation)), many \(compare(large[2].validation, large[1].validation))"
    )
    page.claim(
      "RReLU overfits less than ReLU on small data", source: "Xu et al. 2015",
      difference(small[0].gap, small[3].gap).exceeds(),
      evidence: "a gap of \(compare(small[3].gap, small[0].gap))")
    page.claim(
      "RReLU is better than ReLU on small data", source: "Xu et al. 2015",
      difference(small[3].validation, small[0].validation).exceeds(),
      evidence: compare(small[3].validation, small[0].validation))
    page.claim(
      "PReLU risks overfitting on small data: its gap is the largest", source: "Xu et al. 2015",
      small.indices.filter { $0 != 4 }.map { difference(small[4].gap, small[$0].gap).exceeds() }.reduce(.shows) {
        $0.and($1)
      },
      evidence: "\(compare(small[4].gap, small[0].gap)) of relu")
    page.claim(
      "PReLU is better than ReLU on large data", source: "He et al. 2015",
      difference(large[4].validation, large[0].validation).exceeds(),
      evidence: compare(large[4].validation, large[0].validation))
  }
}
