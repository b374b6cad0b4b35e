import Foundation
import LockstepConfiguration
import LockstepModel
import LockstepTraining
import Testing

@Suite struct AdviceTests {
  /// A configuration whose layers are `layers`, YAML of a list in brackets, ending in one unit a class.
  private func configuration(
    _ layers: String, samples: Int = 100_000, more: String = "", batch: Int = 256,
    overrides: [ConfigurationOverride] = []
  ) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: """
        data: {train: {synthetic: {kind: gaussian_clusters, samples: \(samples), features: 64, classes: 4\(more)}}}
        model: {layers: [\(layers), {dense: {units: 4}}]}
        loss: softmax_cross_entropy
        optimizer: {sgd: {learning_rate: 0.1}}
        training: {batch_size: \(batch), shards: 4, steps: 10, drop_last: true}
        """, overrides: overrides)
  }

  private func advice(_ layers: String) throws -> [Advice] { try configuration(layers).advice() }

  // MARK: Initializers

  @Test(arguments: [
    ("relu", "he_normal"), ("leaky_relu", "he_normal"), ("prelu", "he_normal"), ("rrelu", "he_normal"),
    ("elu", "he_normal"), ("gelu", "he_normal"), ("silu", "he_normal"), ("mish", "he_normal"),
    ("selu", "lecun_normal"),
  ])
  func glorotFitsNoRectifier(activation: String, wanted: String) throws {
    #expect(try advice("{dense: {units: 64}}, \(activation)") == [])
    let found = try advice("{dense: {units: 64, initializer: glorot_uniform}}, \(activation)")
    #expect(found.map(\.id) == ["initializer"])
    #expect(found.first?.layer == "dense0" && found.first?.key == "model.layers.0.dense.initializer")
    #expect(found.first?.value == wanted && found.first?.rule.contains(activation) == true)
    #expect(try advice("{dense: {units: 64, initializer: \(wanted)}}, \(activation)") == [])
  }

  @Test(arguments: ["sigmoid", "tanh", "softsign"])
  func heFitsNoFlatFunction(activation: String) throws {
    #expect(try advice("{dense: {units: 64}}, \(activation)") == [])
    #expect(try advice("{dense: {units: 64, initializer: lecun_normal}}, \(activation)") == [])
    let found = try advice("{dense: {units: 64, initializer: he_normal}}, \(activation)")
    #expect(found.map(\.value) == ["glorot_uniform"])
    #expect(found.first?.source.contains("Glorot, Bengio 2010") == true)
  }

  /// The linear end, on whose logits softmax works.
  @Test func theOutputIsLinear() throws {
    let configuration = try RunConfiguration(
      yaml: try configuration("tanh").resolvedYAML,
      overrides: [ConfigurationOverride(path: "model.layers.1.dense.initializer", value: "he_normal")])
    #expect(configuration.advice().map(\.key) == ["model.layers.1.dense.initializer"])
  }

  @Test(arguments: [
    ("{normal: {mean: 0, stddev: 1}}", false), ("{normal: {mean: 0, stddev: 0.17}}", true),
    ("{uniform: {min: -0.3, max: 0.3}}", true), ("{uniform: {min: -0.05, max: 0.05}}", false),
    ("{uniform: {min: 0, max: 1}}", false), ("{orthogonal: {gain: 1.414}}", true), ("{orthogonal: {gain: 1}}", false),
    ("{variance_scaling: {scale: 2}}", true), ("{variance_scaling: {scale: 1.9, mode: fan_out}}", true),
    ("{variance_scaling: {scale: 0.5}}", false), ("he_uniform", true), ("lecun_normal", false),
  ])
  func whatCountsIsTheVariance(initializer: String, fits: Bool) throws {
    let found = try advice("{dense: {units: 64, initializer: \(initializer)}}, relu")
    #expect(found.isEmpty == fits, "\(found)")
  }

  @Test func batchNormBetweenMakesTheScaleImmaterial() throws {
    #expect(try advice("{dense: {units: 64, bias: false}}, batch_norm, relu") == [])
    #expect(
      try advice("{dense: {units: 64, initializer: glorot_normal}}, relu, batch_norm").map(\.id) == ["initializer"])
  }

  @Test func equalWeightsStayEqual() throws {
    #expect(try advice("{dense: {units: 64, initializer: zeros}}, relu").map(\.id) == ["symmetry"])
    #expect(
      try advice("{dense: {units: 64, initializer: ones, bias: false}}, batch_norm, relu").map(\.id) == ["symmetry"])
    let configuration = try RunConfiguration(
      yaml: try configuration("tanh").resolvedYAML,
      overrides: [ConfigurationOverride(path: "model.layers.1.dense.initializer", value: "zeros")])
    #expect(configuration.advice() == [], "an output that starts at 0 is none of it")
  }

  /// A layer that is written once is advised about once, by its first repetition; its follower may be the list's first.
  @Test func repetitionsAreOneLine() throws {
    let found = try advice("{repeat: {times: 9, layers: [{dense: {units: 64, initializer: glorot_uniform}}, relu]}}")
    #expect(found.map(\.key) == ["model.layers.0.repeat.layers.0.dense.initializer"])
    #expect(found.first?.layer == "repeat0.0.dense0")
    let turned = try advice(
      "{dense: {units: 64, initializer: he_normal}}, {repeat: {times: 2, layers: [relu, {dense: {units: 64, initializer: glorot_uniform}}]}}, relu"
    )
    #expect(turned.map(\.layer) == ["repeat0.0.dense0"])
  }

  // MARK: Layers

  @Test func seluIsAskedForItsPreconditions() throws {
    let dense = "{dense: {units: 64, initializer: lecun_normal}}"
    #expect(try advice("\(dense), selu, {alpha_dropout: {rate: 0.1}}") == [])
    let dropout = try advice("\(dense), selu, {dropout: {rate: 0.1}}")
    #expect(dropout.map(\.id) == ["selu_dropout"])
    #expect(dropout.first?.change == "model.layers.2: {alpha_dropout: {rate: 0.1}}")
    #expect(
      try advice("{dense: {units: 64, bias: false, initializer: lecun_normal}}, batch_norm, selu").map(\.id) == [
        "selu_batch_norm"
      ])
    #expect(try advice("\(dense), selu, {residual: [\(dense), selu]}").map(\.id) == ["selu_residual"])
    #expect(try advice("\(dense), tanh, {dropout: {rate: 0.1}}") == [])
    let raw = try configuration("\(dense), selu", more: ", standardize: false").advice()
    #expect(raw.map(\.id) == ["selu_inputs"])
    #expect(raw.first?.change == "data.train.synthetic.standardize: true")
  }

  @Test func aBiasBeforeBatchNormIsInVain() throws {
    #expect(try advice("{dense: {units: 64}}, batch_norm, relu") == [])
    let found = try advice("{dense: {units: 64, bias: true}}, batch_norm, relu")
    #expect(found.map(\.id) == ["bias"] && found.first?.change == "model.layers.0.dense.bias: false")
    // Behind the end of a residual the bias goes on along the skip.
    #expect(try advice("{dense: {units: 64}}, {residual: [batch_norm, relu, {dense: {units: 64}}]}, batch_norm") == [])
  }

  @Test func smallShardsAndLearnedSlopes() throws {
    let norm = "{dense: {units: 64, bias: false}}, batch_norm, tanh"
    #expect(try configuration(norm, batch: 64).advice() == [])
    let small = try configuration(norm, batch: 60).advice()
    #expect(small.map(\.id) == ["small_shards"] && small.first?.change == "training.shards: 3")
    let tiny = try configuration(norm, batch: 12).advice()
    #expect(tiny.map(\.change) == ["model.layers.1.batch_norm.statistics: batch"])
    let one = [ConfigurationOverride(path: "training.shards", value: "1")]
    #expect(
      try configuration(norm, batch: 12, overrides: one).advice().map(\.change) == ["training.batch_size: 16"])
    // 11 rows in the last batch are two or three a shard; 16 are four.
    let last = [ConfigurationOverride(path: "training.drop_last", value: "false")]
    let short = try configuration(norm, samples: 1035, batch: 64, overrides: last).advice()
    #expect(short.map(\.change) == ["training.drop_last: true"] && short.first?.id == "small_last_batch")
    #expect(try configuration(norm, samples: 1040, batch: 64, overrides: last).advice() == [])
    let slopes = "{dense: {units: 64, initializer: he_normal}}, prelu"
    #expect(try configuration(slopes).advice() == [])
    #expect(try configuration(slopes, samples: 20_000).advice().map(\.id) == ["prelu_small_data"])
    #expect(
      try configuration(slopes.replacing("prelu", with: "{prelu: {slopes: shared}}"), samples: 20_000).advice() == [])
  }

  /// What is advised can be done, and then nothing is left to say.
  @Test(arguments: [
    "{dense: {units: 64, initializer: glorot_uniform}}, relu", "{dense: {units: 64}}, selu, {dropout: {rate: 0.1}}",
    "{dense: {units: 64, bias: true}}, batch_norm, relu", "{dense: {units: 64, initializer: zeros}}, tanh",
    "{repeat: {times: 3, layers: [{dense: {units: 64}}, prelu]}}",
    "{dense: {units: 64, initializer: lecun_normal}}, selu, {residual: [{dense: {units: 64, initializer: lecun_normal}}, selu]}",
  ])
  func followingAdviceSettlesIt(layers: String) throws {
    var overrides: [ConfigurationOverride] = []
    for _ in 0..<3 {
      let advice = try configuration(layers, samples: 20_000, overrides: overrides).advice()
      overrides += advice.map { ConfigurationOverride(path: $0.key, value: $0.value) }
    }
    #expect(!overrides.isEmpty)
    #expect(try configuration(layers, samples: 20_000, overrides: overrides).advice() == [])
  }

  // MARK: Words

  @Test func linesAreThoseOfTheFile() throws {
    let path = NSTemporaryDirectory() + "advice-\(UUID().uuidString).yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = """
      data: {train: {synthetic: {kind: gaussian_clusters, samples: 1000, features: 8, classes: 2}}}
      model:
        layers:
          - residual:
              layers:
                - dense: {units: 8, initializer: glorot_uniform}
                - relu
          - dense:
              units: 2
              initializer: he_normal
      loss: softmax_cross_entropy
      optimizer: adam
      training: {batch_size: 64, steps: 10}
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    let found = try RunConfiguration(file: path).advice(file: path)
    #expect(
      found.map(\.change) == [
        "\(path):6: model.layers.0.residual.layers.0.dense.initializer: he_normal",
        "\(path):10: model.layers.1.dense.initializer: glorot_uniform",
      ])
    #expect(
      found.first?.warning.hasSuffix(
        "(He, Zhang, Ren, Sun 2015); try --set model.layers.0.residual.layers.0.dense.initializer=he_normal") == true)
    let overrides = [ConfigurationOverride(path: "model.layers.1.dense.initializer", value: "he_uniform")]
    let overridden = try RunConfiguration(file: path, overrides: overrides).advice(file: path, overrides: overrides)
    #expect(overridden.last?.location?.source == "--set model.layers.1.dense.initializer=he_uniform")
  }

  /// Every rule says who has found it and where to read it.
  @Test func sourcesAreGiven() throws {
    let all =
      try advice(
        "{dense: {units: 64}}, selu, {dropout: {rate: 0.1}}, {dense: {units: 64, bias: true}}, batch_norm, tanh")
      + configuration("{dense: {units: 64, initializer: zeros}}, prelu", samples: 1000).advice()
    #expect(all.count >= 5)
    for one in all {
      #expect(one.source.contains(#/ (19|20)\d\d, https://#), "\(one)")
      #expect(!one.layer.isEmpty && !one.rule.isEmpty && !one.change.isEmpty)
    }
  }

  /// Examples are to be followed.
  @Test(arguments: [
    "quickstart", "clusters", "deep-selu", "large-synthetic", "regression-plateau", "residual-prelu",
    "synchronized-batch-norm",
    "reference", "bench/wide", "bench/deep", "bench/tabular",
  ])
  func examplesDeserveNone(name: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../configs/\(name).yaml")
      .path
    #expect(try RunConfiguration(file: path).advice() == [])
  }
}
