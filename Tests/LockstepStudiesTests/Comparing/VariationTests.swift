import LockstepFormats
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepRuns
@testable import LockstepStudies

@Suite struct VariationTests {
  private func varied(_ layers: String, _ choices: (String, String)...) throws -> [Layer] {
    let configuration = try RunConfiguration(
      yaml: validConfiguration, overrides: [ConfigurationOverride("model.layers=\(layers)")])
    return try OpenedConfiguration(configuration, nil).varied(
      choices.map { (Variation(key: $0.0, values: [$0.1]), $0.1) }
    ).configuration.layers
  }

  private func layers(_ text: String) throws -> [Layer] { try varied(text) }

  @Test func takesValuesApart() throws {
    let variation = try Variation("activation=relu, {leaky_relu: {negative_slope: 0.2}},[1, 2],elu")
    #expect(variation.key == "activation")
    #expect(variation.values == ["relu", "{leaky_relu: {negative_slope: 0.2}}", "[1, 2]", "elu"])
    for bad in ["activation", "=relu", "activation=", "activation=relu,", "activation=relu,relu"] {
      #expect(throws: RunError.self, "\(bad)") { try Variation(bad) }
    }
  }

  /// An activation brings its initializer, through BatchNorm and dropout, in repetitions and residuals; what no
  /// activation receives stays.
  @Test func activationsBringTheirInitializers() throws {
    let text = """
      [{dense: {units: 8}}, batch_norm, relu, {repeat: {times: 2, layers: [{dense: {units: 8}}, {dropout: {rate: 0.1}}, tanh]}},
       {residual: [{dense: {units: 8}}, relu, {dense: {units: 8}}]}, {dense: {units: 4}}]
      """
    for (activation, initializer) in [
      ("elu", "he_normal"), ("tanh", "glorot_uniform"), ("selu", "lecun_normal"), ("rrelu", "he_normal"),
      ("{prelu: {slopes: shared}}", "he_normal"), ("sigmoid", "glorot_uniform"), ("gelu", "he_normal"),
    ] {
      let dense = "{dense: {units: 8, initializer: \(initializer)}}"
      let expected = """
        [\(dense), batch_norm, \(activation), {repeat: {times: 2, layers: [\(dense), {dropout: {rate: 0.1}}, \(activation)]}},
         {residual: [\(dense), \(activation), {dense: {units: 8}}]}, {dense: {units: 4}}]
        """
      #expect(try varied(text, ("activation", activation)) == layers(expected), "\(activation)")
    }
    // No rule is known for softplus.
    #expect(
      try varied("[{dense: {units: 4, initializer: zeros}}, relu]", ("activation", "softplus"))
        == layers("[{dense: {units: 4, initializer: zeros}}, softplus]"))
  }

  /// An initializer that is varied, if only by one value, stays with every activation.
  @Test func initializersMayBeFixed() throws {
    let text = "[{dense: {units: 8}}, relu, {dense: {units: 4}}]"
    let expected =
      "[{dense: {units: 8, initializer: {normal: {stddev: 1}}}}, selu, {dense: {units: 4, initializer: {normal: {stddev: 1}}}}]"
    #expect(try varied(text, ("activation", "selu"), ("initializer", "{normal: {stddev: 1}}")) == layers(expected))
    #expect(try varied(text, ("initializer", "{normal: {stddev: 1}}"), ("activation", "selu")) == layers(expected))
  }

  @Test func batchNorms() throws {
    let without =
      "[{dense: {units: 8}}, relu, {repeat: {times: 2, layers: [{dense: {units: 8}}, relu]}}, {dense: {units: 4}}]"
    func with(_ statistics: String) -> String {
      let (dense, norm) = ("{dense: {units: 8, bias: false}}", "{batch_norm: {statistics: \(statistics)}}")
      return "[\(dense), \(norm), relu, {repeat: {times: 2, layers: [\(dense), \(norm), relu]}}, {dense: {units: 4}}]"
    }
    for statistics in ["shard", "batch"] {
      #expect(try varied(without, ("batch_norm", statistics)) == layers(with(statistics)))
      #expect(try varied(with("shard"), ("batch_norm", statistics)) == layers(with(statistics)))
      #expect(try varied(with(statistics), ("batch_norm", "none")) == layers(without))
    }
    #expect(try varied(without, ("batch_norm", "none")) == layers(without))
    // Behind the activation it is left where it is.
    let behind = "[{dense: {units: 8}}, relu, {batch_norm: {momentum: 0.5}}, {dense: {units: 4}}]"
    #expect(
      try varied(behind, ("batch_norm", "batch"))
        == layers(behind.replacing("momentum", with: "statistics: batch, momentum")))
  }

  @Test func otherKeys() throws {
    let configuration = try RunConfiguration(yaml: validConfiguration)
    let varied = try OpenedConfiguration(configuration, nil).varied([
      (Variation(key: "optimizer.adam.learning_rate", values: ["0.5"]), "0.5"),
      (Variation(key: "training.shards", values: ["2"]), "2"),
    ]).configuration
    #expect(varied.optimizer.learningRate == 0.5 && varied.training.shards == 2)
    #expect(varied.layers == configuration.layers)
  }

  @Test(
    arguments: [
      ("activation", "rleu", "--vary activation=rleu: found the unknown activation rleu", "did you mean relu?"),
      ("activation", "{elu: {alpha: -1}}", "elu.alpha", "a number above 0"),
      ("initializer", "he", "--vary initializer=he: found the unknown initializer he", "he_normal"),
      ("batch_norm", "shards", "--vary batch_norm=shards: found shards", "did you mean shard?"),
      ("activtion", "relu", "--vary activtion: found an unknown key", "did you mean activation?"),
      ("training.shard", "4", "--vary training.shard=4: training.shard: found an unknown key", "did you mean shards?"),
      ("training.shards", "999", "--vary training.shards=999: training.shards", "at least one row a shard"),
    ])
  func badValues(key: String, value: String, found: String, expected: String) throws {
    let error = try #require(throws: ConfigurationErrors.self) {
      try varied("[{dense: {units: 8}}, relu, {dense: {units: 4}}]", (key, value))
    }
    #expect("\(error)".contains(found) && "\(error)".contains(expected), "\(error)")
  }
}
