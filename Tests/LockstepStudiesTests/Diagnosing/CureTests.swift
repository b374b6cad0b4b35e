import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepTraining
import SampleSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// What mends a network: changes that fit each other, tried before they are told.
@Suite struct CureTests {
  private static func yaml(_ layers: String, rate: Double = 0.02, data: String = "", steps: Int = 300) -> String {
    """
    seed: 1
    data:
      train: {synthetic: {kind: teacher, samples: 4000, features: 16, classes: 4, depth: 1, width: 16\(data)}}
      validation: {synthetic: {kind: teacher, samples: 2000, features: 16, classes: 4, depth: 1, width: 16\(data)}}
    model: {layers: [\(layers), {dense: {units: 4}}]}
    loss: softmax_cross_entropy
    optimizer: {sgd: {learning_rate: \(rate), momentum: 0.9}}
    training: {batch_size: 128, threads: 1, steps: \(steps)}
    """
  }

  private static let wide = "{dense: {units: 32, initializer: {normal: {mean: 0, stddev: 1}}}}"
  private static let broken = [
    "{repeat: {times: 12, layers: [{dense: {units: 32}}, sigmoid]}}",
    "{repeat: {times: 50, layers: [{dense: {units: 64, initializer: {normal: {stddev: 1}}}}, sigmoid]}}",
    "{repeat: {times: 8, layers: [\(wide), relu]}}",
    "{repeat: {times: 10, layers: [\(wide), tanh, {dropout: {rate: 0.1}}]}}",
    "{repeat: {times: 16, layers: [{dense: {units: 32, initializer: {constant: {value: 0.01}}}}, elu]}}",
    "\(wide), relu, {repeat: {times: 8, layers: [{residual: [\(wide), relu, \(wide)]}]}}",
    "{repeat: {times: 9, layers: [{dense: {units: 32, initializer: {normal: {stddev: 0.02}}}}, selu]}}",
  ]

  private func cures(_ yaml: String, steps: Int = 0) throws -> (
    setup: RunSetup, advice: [Advice], cures: [DiagnosedCure]
  ) {
    let setup = try RunSetup(RunConfiguration(yaml: yaml))
    let diagnosis = try Diagnosis.measure(setup, steps: steps)
    let advice = diagnosis.advice(for: setup.configuration)
    return (setup, advice, try diagnosis.cures(of: setup, steps: steps, advice: advice).cures)
  }

  /// Written as options, each makes the configuration that was diagnosed, of which nothing is left to advise; the first
  /// mends the network.
  @Test(arguments: broken)
  func fitsInItself(layers: String) throws {
    let yaml = Self.yaml(layers)
    let found = try cures(yaml).cures
    let first = try #require(found.first)
    #expect(first.isHealthy, "\(found.map { ($0.cure.kind, $0.diagnosis.verdicts) })")
    let without = try RunSetup(RunConfiguration(yaml: yaml)).shortLoss()
    #expect(try #require(first.loss) < 0.9 * (without ?? .infinity))
    let unfit = ["initializer", "symmetry", "bias", "small_shards", "selu_inputs", "selu_dropout", "selu_batch_norm"]
    for one in found {
      let pasted = try RunConfiguration(
        yaml: yaml, overrides: one.cure.changes.map { ConfigurationOverride(path: $0.key, value: $0.value) })
      #expect(pasted.resolvedYAML == one.cure.configuration.resolvedYAML, "\(one.cure.kind)")
      #expect(one.cure.configuration.advice().allSatisfy { !unfit.contains($0.id) }, "\(one.cure.kind)")
      #expect(try Diagnosis.measure(pasted, steps: 100) == one.diagnosis, "\(one.cure.kind)")
      #expect(try RunSetup(pasted).shortLoss() == one.loss, "\(one.cure.kind)")
    }
    // What mends comes first; of that what learns most, but for a twentieth the smallest change.
    let sound = found.prefix { $0.isHealthy }
    #expect(found.dropFirst(sound.count).allSatisfy { !$0.isHealthy })
    let losses = sound.compactMap(\.loss)
    let alike = losses.prefix { $0 <= 1.05 * (losses.min() ?? 0) }
    #expect(losses.count == sound.count && losses.dropFirst(alike.count) == losses.dropFirst(alike.count).sorted()[...])
    #expect(losses.dropFirst(alike.count).allSatisfy { $0 > 1.05 * (losses.min() ?? 0) })
    let kinds = sound.prefix(alike.count).compactMap { Cure.Kind.allCases.firstIndex(of: $0.cure.kind) }
    #expect(kinds == kinds.sorted())
    #expect(Set(found.map { $0.cure.changes.map(\.option) }).count == found.count)
  }

  /// Fifty layers: relu with he_normal keeps the signal's size and loses what tells samples apart, which selu does not.
  @Test func whatTellsSamplesApart() throws {
    let found = try cures(Self.yaml(Self.broken[1])).cures
    let relu = try #require(found.first { $0.cure.changes.contains { $0.value == "relu" } })
    let selu = try #require(found.first { $0.cure.kind == .selu })
    #expect(relu.diagnosis.stages[0].verdicts == [.healthy] && selu.diagnosis.stages[0].verdicts == [.healthy])
    #expect(selu.apart > 2 * relu.apart && relu.apart > 0)
  }

  @Test func healthyNetworksNeedNone() throws {
    let found = try cures(Self.yaml("{dense: {units: 32, initializer: he_normal}}, relu"))
    #expect(found.cures.isEmpty)
    let prescription = try Prescription(
      for: Diagnosis.measure(found.setup), of: found.setup, steps: 0, advice: found.advice, provingWith: 2)
    #expect(prescription.cures.isEmpty && prescription.proof == nil && prescription.best == nil)
  }

  /// Steps that are too large are seen after some of them, and mended.
  @Test func divergence() throws {
    let found = try cures(Self.yaml("{dense: {units: 32, initializer: he_normal}}, relu", rate: 200), steps: 40).cures
    #expect(found.map(\.cure.kind) == [.advice] || found.contains { $0.cure.kind == .advice })
    let advice = try #require(found.first { $0.cure.kind == .advice })
    #expect(advice.cure.changes.map(\.key).contains("optimizer.sgd.learning_rate"))
  }

  /// What a proof says is what training each by hand comes to.
  @Test func proof() throws {
    let yaml = Self.yaml(Self.broken[0], steps: 200)
    let found = try cures(yaml)
    let prescription = try Prescription(
      for: Diagnosis.measure(found.setup), of: found.setup, steps: 0, advice: found.advice, provingWith: 2)
    let proof = try #require(prescription.proof)
    #expect(proof.metric == .accuracy && proof.seeds == 2 && proof.with.count == prescription.cures.count)
    func accuracies(_ configuration: RunConfiguration) throws -> [Double] {
      try (0..<2).map { seed in
        var configuration = configuration
        configuration.seed += UInt64(seed)
        let setup = try RunSetup(configuration)
        let trainer = try setup.initialTrainer(for: nil).trainer
        for _ in 0..<setup.steps { _ = try trainer.step() }
        let validation = try #require(setup.validation)
        let evaluation = try #require(try trainer.evaluation(on: validation))
        return try #require(evaluation[.accuracy])
      }
    }
    let without = try accuracies(found.setup.configuration)
    #expect(proof.without.trials.map(\.metric) == without)
    for (cure, cell) in zip(prescription.cures, proof.with) {
      let with = try accuracies(cure.cure.configuration)
      #expect(cell.trials.map(\.metric) == with, "\(cure.cure.kind)")
      #expect(cell.difference?.mean == zip(with, without).map { $0 - $1 }.reduce(0, +) / 2)
    }
    let means = proof.with.compactMap(\.mean)
    #expect(means == means.sorted(by: >))
    #expect(proof.helps(0) == ((proof.with[0].difference?.interval?.lowerBound ?? 0) > 0))
    #expect(
      prescription.best == prescription.cures.indices.first { proof.helps($0) }.map { prescription.cures[$0].cure })
  }

  @Test func figuresInJSON() throws {
    let setup = try RunSetup(RunConfiguration(yaml: Self.yaml(Self.broken[0])))
    let diagnosis = try Diagnosis.measure(setup)
    let prescription = try diagnosis.prescription(for: setup.configuration)
    let json = diagnosis.json(prescription)
    let cures = try #require(json["cures"]?.array)
    #expect(cures.count == prescription.cures.count)
    let first = try #require(cures.first?.object)
    #expect(first["id"]?.string == prescription.cures[0].cure.kind.rawValue && first["proof"] == .null)
    #expect(first["verdict"]?.array == [.array([.string("healthy")]), .array([.string("healthy")])])
    #expect(first["loss"]?.number == prescription.cures[0].loss && first["loss_without"]?.number == prescription.loss)
    #expect(first["steps"]?.integer == 100 && prescription.steps == 100)
    #expect(first["changes"]?.array?.count == prescription.cures[0].cure.changes.count)
  }
}

extension RunSetup {
  /// Mean loss of steps 76 to 100; nil where one diverges.
  fileprivate func shortLoss() throws -> Double? {
    let trainer = try initialTrainer(for: nil).trainer
    var losses: [Double] = []
    for _ in 0..<100 {
      guard let step = try? trainer.step() else { return nil }
      losses.append(step.loss)
    }
    return losses.suffix(25).reduce(0, +) / 25
  }
}
