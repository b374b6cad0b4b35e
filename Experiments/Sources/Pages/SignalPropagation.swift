import LockstepConfiguration
import LockstepFormats
import LockstepReport
import LockstepRuns
import LockstepStudies
import LockstepTraining

/// Signal and gradient on their way through a hundred layers, for every activation and initialisation.
struct SignalPropagation: Experiment {
  let name = "signal-propagation"
  let title = "Signal and gradient through a hundred layers"

  private static let width = 100
  private static let base = """
    data: {train: {synthetic: {kind: gaussian_clusters, samples: 4096, features: 100, classes: 10}}}
    model:
      layers:
        - repeat: {times: 100, layers: [{dense: {units: 100, initializer: he_normal}}, relu]}
        - dense: {units: 10}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: 0.0001}}
    training: {batch_size: 512, shards: 8, steps: 1}
    """
  static let activations = [
    "sigmoid", "tanh", "relu", "{leaky_relu: {negative_slope: 0.01}}", "{leaky_relu: {negative_slope: 0.2}}", "rrelu",
    "prelu",
    "elu", "selu",
  ]
  static let initializers = [
    "{normal: {mean: 0, stddev: 1}}", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal",
    "lecun_uniform",
  ]

  func run(on page: inout ExperimentPage, quick: Bool) throws {
    page.setBase(Self.base)
    var stages: [String: [String: Diagnosis.Stage]] = [:]
    for activation in Self.activations {
      for initializer in Self.initializers {
        let settings = [
          "model.layers.0.repeat.layers.1=\(activation)",
          "model.layers.0.repeat.layers.0.dense.initializer=\(initializer)",
        ]
        let configuration = try RunConfiguration(
          Self.base, settings + (quick ? ["model.layers.0.repeat.times=20"] : []))
        stages[Words.short(activation), default: [:]][Words.short(initializer)] =
          try Diagnosis.measure(configuration).stages[0]
        page.record(settings, try Self.initialDigest(configuration))
      }
    }
    describe(stages, on: &page)
    claims(stages, on: &page)
  }

  /// Nothing is trained; the initial weights tell one network from another.
  private static func initialDigest(_ configuration: RunConfiguration) throws -> String {
    let trainer = try RunSetup(configuration).initialTrainer(for: .networks(1)).trainer
    return weightsDigest(of: trainer.tensors)
  }

  private func describe(_ stages: [String: [String: Diagnosis.Stage]], on page: inout ExperimentPage) {
    let names = Self.initializers.map(Words.short)
    func factor(_ value: Double?) -> String { value.map { Format.significant($0, 3) } ?? "not finite" }
    func rows(_ growth: (Diagnosis.Stage) -> Double?) -> [[String]] {
      Self.activations.map(Words.short).map { activation in
        [activation] + names.map { name in stages[activation]?[name].map { factor(growth($0)) } ?? "" }
      }
    }
    page.add(
      """
      ## The factor a layer

      A network of 100 dense layers of 100 units with one activation behind each, at its beginning: the root mean square of the activations' outputs (*signal*) and of
      the loss's gradient with respect to them (*gradient*), over 2,048 samples, by `lockstep diagnose`. The factor is exp of the slope of ln RMS over the layers,
      for the signal on its way forward, for the gradient on its way back. 1 is ideal; 0.9 leaves 1/38,000 after 100 layers, 1.1 makes 13,800 of it.
      """)
    page.add("Signal, forward:")
    page.addTable(["activation"] + names, rows(\.signalGrowth))
    page.add("Gradient, backward:")
    page.addTable(["activation"] + names, rows { $0.gradientGrowth.map { 1 / $0 } })
    page.add("What `lockstep diagnose` says of each:")
    page.addTable(
      ["activation"] + names,
      Self.activations.map(Words.short).map { activation in
        [activation] + names.map { stages[activation]?[$0]?.verdicts.map(\.words).joined(separator: ", ") ?? "" }
      })
    page.add("## Layer by layer")
    for activation in Self.activations.map(Words.short) {
      for (figure, path) in [("signal", \Diagnosis.Layer.rms), ("gradient", \Diagnosis.Layer.gradientRMS)] {
        let series = ["N(0, 1)", "glorot_normal", "he_normal", "lecun_normal"].map { name in
          let stage = stages[activation]?[name]
          let points = zip(stage?.points ?? [], stage?.values(path) ?? []).map { (x: Double($0.dense + 1), y: $1) }
          return LineChart.Series(name: name.replacing("_normal", with: ""), points: points)
        }
        page.addChart(
          series, xTitle: "layer", yTitle: "RMS", x: .whole, y: .logarithmic, span: 3,
          "\(Words.file(activation))-\(figure)", caption: "\(activation): \(figure)")
      }
    }
  }

  private func claims(_ stages: [String: [String: Diagnosis.Stage]], on page: inout ExperimentPage) {
    func forward(_ activation: String, _ initializer: String) -> Double? {
      stages[activation]?[initializer]?.signalGrowth
    }
    func backward(_ activation: String, _ initializer: String) -> Double? {
      stages[activation]?[initializer]?.gradientGrowth.map { 1 / $0 }
    }
    func isNear(_ value: Double?, _ wanted: Double, _ tolerance: Double) -> Bool {
      value.map { abs($0 / wanted - 1) <= tolerance } ?? false
    }
    func say(_ value: Double?) -> String { value.map { Format.significant($0, 3) } ?? "not finite" }

    let he = (forward("relu", "he_normal"), backward("relu", "he_normal"))
    page.claim(
      "He's initialisation keeps signal and gradient of ReLU networks: a factor of 1 both ways",
      source: "He et al. 2015",
      holds: isNear(he.0, 1, 0.03) && isNear(he.1, 1, 0.03), evidence: "\(say(he.0)) forward, \(say(he.1)) backward")
    let glorot = forward("relu", "glorot_normal")
    page.claim(
      "Glorot's lets a ReLU network's signal fall by 1/√2 = 0.707 a layer", source: "He et al. 2015",
      holds: isNear(glorot, 0.5.squareRoot(), 0.03), evidence: say(glorot))
    let normal = forward("relu", "N(0, 1)")
    page.claim(
      "Weights from N(0, 1) make it grow by √(n/2) = \(say((Double(Self.width) / 2).squareRoot()))",
      source: "He et al. 2015",
      holds: isNear(normal, (Double(Self.width) / 2).squareRoot(), 0.05), evidence: say(normal))
    let tanh = (forward("tanh", "glorot_normal"), backward("tanh", "glorot_normal"))
    page.claim(
      "Glorot's keeps signal and gradient of tanh networks", source: "Glorot, Bengio 2010",
      holds: isNear(tanh.0, 1, 0.03) && isNear(tanh.1, 1, 0.03),
      evidence: "\(say(tanh.0)) forward, \(say(tanh.1)) backward")
    let sigmoids = Self.initializers.map(Words.short).filter { $0 != "N(0, 1)" }.map { backward("sigmoid", $0) ?? 0 }
    page.claim(
      "The gradient of a sigmoid network vanishes whatever the initialisation of these three families, since f′ ≤ 1/4",
      source: "Glorot, Bordes, Bengio 2011", holds: sigmoids.allSatisfy { $0 < 0.5 },
      evidence: "factors of \(say(sigmoids.min())) to \(say(sigmoids.max()))")
    let saturated = stages["tanh"]?["N(0, 1)"]?.verdicts.contains(.saturated) == true
    page.claim(
      "N(0, 1) saturates tanh", source: "Glorot, Bengio 2010", holds: saturated,
      evidence: stages["tanh"]?["N(0, 1)"]?.verdicts.map(\.words).joined(separator: ", ") ?? "")
    let selu = stages["selu"]?["lecun_normal"]?.values(\.rms).compactMap { $0 } ?? []
    page.claim(
      "SELU with LeCun's draws every layer to mean 0 and variance 1", source: "Klambauer et al. 2017",
      holds: !selu.isEmpty && selu.allSatisfy { (0.8...1.2).contains($0) },
      evidence: "RMS from \(say(selu.min())) to \(say(selu.max()))")
    let leak = forward("leaky_relu 0.2", "he_normal").flatMap { leaky in forward("relu", "he_normal").map { leaky / $0 }
    }
    page.claim(
      "A leak of 0.2 makes the signal grow by √(1 + 0.2²) = 1.02 more a layer than ReLU with the same weights",
      source: "He et al. 2015, equation 15", holds: isNear(leak, 1.04.squareRoot(), 0.005), evidence: say(leak))
    let pairs = Self.activations.map(Words.short).flatMap { activation in
      ["glorot", "he", "lecun"].compactMap { family in
        forward(activation, "\(family)_normal").flatMap { a in
          forward(activation, "\(family)_uniform").map { abs($0 / a - 1) }
        }
      }
    }
    page.claim(
      "Uniform or normal makes no difference, only the variance does", source: "Glorot, Bengio 2010; He et al. 2015",
      holds: (pairs.max() ?? 1) < 0.05, evidence: "factors differ by \(Format.percent(pairs.max() ?? 0)) at most")
  }
}
