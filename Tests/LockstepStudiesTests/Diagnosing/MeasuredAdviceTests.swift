import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import SampleSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// A diagnosis from its configuration to the advice and the JSON.
@Suite struct MeasuredAdviceTests {
  private func configuration(
    _ layers: String, rate: Double = 0.01, steps: Int = 50, precision: String = "float32"
  ) throws -> RunConfiguration {
    try RunConfiguration(
      yaml: """
        data: {train: {synthetic: {kind: gaussian_clusters, samples: 2000, features: 16, classes: 4}}}
        model: {layers: [\(layers), {dense: {units: 4}}]}
        loss: softmax_cross_entropy
        optimizer: {sgd: {learning_rate: \(rate)}}
        training: {batch_size: 64, shards: 4, threads: 1, steps: \(steps), precision: \(precision)}
        """)
  }

  @Test func flatFunctionsAreNamed() throws {
    let configuration = try configuration("{repeat: {times: 12, layers: [{dense: {units: 32}}, sigmoid]}}")
    let diagnosis = try Diagnosis.measure(configuration)
    #expect(diagnosis.verdicts == [.vanishingGradient])
    let advice = diagnosis.advice(for: configuration)
    #expect(advice.map(\.id) == ["fading_activation"])
    #expect(advice.first?.change == "model.layers.0.repeat.layers.1: relu")
  }

  @Test func deadUnitsGetAnotherActivationAndSmallerSteps() throws {
    let configuration = try configuration(
      "{repeat: {times: 4, layers: [{dense: {units: 32, initializer: he_normal}}, relu]}}", rate: 1.5)
    let diagnosis = try Diagnosis.measure(configuration, steps: 50)
    let advice = diagnosis.advice(for: configuration)
    #expect(diagnosis.verdicts.contains(.dying))
    let dead = try #require(advice.first { $0.id == "dead_units" })
    #expect(dead.key == "model.layers.0.repeat.layers.1" && dead.value.contains("leaky_relu"))
    #expect(dead.layer.hasPrefix("repeat0."))
    #expect(advice.first { $0.id == "learning_rate" }?.change == "optimizer.sgd.learning_rate: 0.150")
  }

  @Test func explosionsGetABoundOnTheGradient() throws {
    let configuration = try configuration(
      "{repeat: {times: 8, layers: [{dense: {units: 64, initializer: {normal: {mean: 0, stddev: 1}}}}, relu]}}")
    let diagnosis = try Diagnosis.measure(configuration)
    #expect(Set(diagnosis.verdicts) == [.explodingSignal, .explodingGradient])
    #expect(diagnosis.advice(for: configuration).map(\.id) == ["initializer", "gradient_clip"])
    #expect(diagnosis.advice(for: configuration).first?.value == "he_normal")
  }

  @Test func stepsThatAreLostGetALargerRate() throws {
    let configuration = try configuration("{dense: {units: 32, initializer: he_normal}}, relu", rate: 1e-12)
    let advice = try Diagnosis.measure(configuration).advice(for: configuration)
    #expect(advice.map(\.change) == ["optimizer.sgd.learning_rate: 1.00e-10"])
    #expect(advice.map(\.id) == ["lost_updates"])
  }

  @Test func whatBfloat16BlursGetsFloat32() throws {
    let layers = "{dense: {units: 32, bias_initializer: {constant: 1000}}}, elu, {dense: 32}, batch_norm, elu"
    let (coarse, exact) = (try configuration(layers, precision: "bf16"), try configuration(layers))
    let diagnosis = try Diagnosis.measure(coarse)
    #expect(diagnosis.verdicts.contains(.imprecise))
    #expect(diagnosis.advice(for: coarse).map(\.change).contains("training.precision: float32"))
    #expect(try !Diagnosis.measure(exact).verdicts.contains(.imprecise))
  }

  @Test func healthDeservesNone() throws {
    let configuration = try configuration("{dense: {units: 32, initializer: he_normal}}, relu")
    let diagnosis = try Diagnosis.measure(configuration, steps: 20)
    #expect(diagnosis.verdicts == [.healthy] && diagnosis.advice(for: configuration) == [])
  }

  @Test func stepsAreThoseOfTheRun() throws {
    let configuration = try configuration("{dense: {units: 8}}, tanh", steps: 10)
    #expect(throws: RunError.input("--steps -1: expected at least 0, which looks at the start alone")) {
      try Diagnosis.measure(configuration, steps: -1)
    }
    #expect(throws: RunError.self) { try Diagnosis.measure(configuration, steps: 11) }
    #expect(try Diagnosis.measure(configuration, steps: 10).stages.map(\.step) == [0, 10])
    #expect(try Diagnosis.measure(configuration).stages.map(\.step) == [0])
  }

  /// The keys that scripts rely on, with the types that they have.
  @Test(arguments: ["float32", "bf16"]) func jsonHoldsWhatIsPromised(precision: String) throws {
    let configuration = try configuration(
      "{dense: {units: 32, initializer: lecun_normal}}, relu, {dense: {units: 32}}, tanh", precision: precision)
    let diagnosis = try Diagnosis.measure(configuration, steps: 3)
    let json = diagnosis.json(Prescription(advice: diagnosis.advice(for: configuration)))
    let stages = try #require(json["stages"]?.array)
    #expect(stages.map { $0.object?["step"]?.integer } == [0, 3])
    for stage in stages {
      let object = try #require(stage.object)
      #expect(object["learning_rate_factor"]?.number == 1)
      #expect(object["signal_growth"]?.number != nil && object["gradient_growth"]?.number != nil)
      #expect(object["verdict"] == ["healthy"])
      let layers = try #require(object["layers"]?.array)
      #expect(layers.map { $0.object?["kind"]?.string } == ["dense", "relu", "dense", "tanh", "dense"])
      for layer in layers {
        let figures = try #require(layer.object)
        for key in ["mean", "stddev", "rms", "gradient_rms"] { #expect(figures[key]?.number != nil, "\(key)") }
        let kind = figures["kind"]?.string
        #expect((figures["dead"]?.number != nil) == (kind == "relu") && figures["dead"] != nil)
        #expect((figures["saturated"]?.number != nil) == (kind == "tanh") && figures["saturated"] != nil)
        for key in ["update_ratio", "update_lost"] {
          #expect((figures[key]?.number != nil) == (kind == "dense") && figures[key] != nil, "\(key)")
        }
        for key in ["update_hidden", "gradient_flushed"] {
          #expect((figures[key]?.number != nil) == (kind == "dense" && precision == "bf16"), "\(key)")
        }
        for key in ["signal_rounding", "gradient_rounding"] {
          #expect((figures[key]?.number != nil) == (precision == "bf16") && figures[key] != nil, "\(key)")
        }
      }
    }
    let advice = try #require(json["advice"]?.array?.first?.object)
    for key in ["layer", "rule", "source", "change"] { #expect(advice[key]?.string?.isEmpty == false, "\(key)") }
    #expect(try JSONValue(parsing: JSONValue.object(json).prettyText) == .object(json))
  }
}
