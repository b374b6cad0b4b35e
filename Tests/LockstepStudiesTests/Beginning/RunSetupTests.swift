import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// Whatever trains a configuration begins from the same weights.
@Suite struct RunSetupTests {
  /// How the initial weights come about.
  enum Beginning: CaseIterable {
    case drawn, scaledByData, fromFile
  }

  private func configuration(_ beginning: Beginning, in folder: String) throws -> RunConfiguration {
    let settings = ["checkpoint.every.steps=20", "training.threads=1"]
    switch beginning {
    case .drawn: return try tinyRun(settings[0], settings[1])
    case .scaledByData: return try tinyRun(settings[0], settings[1], "model.initialization=lsuv")
    case .fromFile:
      return try tinyRun(settings[0], settings[1], "model.weights=\(try weights(in: folder))")
    }
  }

  /// A file with the weights of another seed.
  private func weights(in folder: String) throws -> String {
    let path = "\(folder)/weights.safetensors"
    let other = try RunSetup(tinyRun("seed=7")).trainer().tensors
    let model = other.filter { $0.name.hasPrefix("model.") }
    var bytes = try SafetensorsHeader(
      metadata: [:], tensors: model.map { TensorInfo(String($0.name.dropFirst("model.".count)), shape: $0.shape) }
    ).encoded()
    for value in model.flatMap(\.values.array) { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    try write(bytes, to: path)
    return path
  }

  @Test(arguments: Beginning.allCases) func oneBeginning(beginning: Beginning) throws {
    try withTemporaryFolder { folder in
      let configuration = try configuration(beginning, in: folder)
      let run = try TrainingRun.start(configuration, output: "\(folder)/run")
      let begun = weightsDigest(of: run.trainer.tensors)
      let setup = try RunSetup(configuration)
      let (trainer, digest) = try setup.initialTrainer(for: .run)
      #expect(weightsDigest(of: trainer.tensors) == begun)
      #expect((digest != nil) == (beginning == .fromFile))
      let drawn = try setup.trainer()
      #expect(weightsDigest(of: drawn.tensors) != begun || beginning == .drawn)

      var losses: [Double] = []
      let summary = try run.train { if case .step(let result, _) = $0 { losses.append(result.loss) } }
      let scaling = try ThreadScaling.measure(configuration, threads: [1, 2], steps: 20)
      #expect(scaling.rows.allSatisfy { $0.weightsDigest == summary.digest })
      var diagnosed: [Double] = []
      _ = try Diagnosis.measure(configuration, steps: 20) { diagnosed.append($0.loss) }
      #expect(diagnosed == losses)
      let comparison = try Comparison.Plan(
        configuration, varying: [Variation("activation=tanh")], over: .seeds(1)
      ).run()
      #expect(comparison.cells[0].trials[0].weightsDigest == summary.digest)
      let rates = try LearningRateRange.measure(
        configuration, .init(from: 1e-6, to: 1e-5, steps: 20))
      #expect(rates.points[0].loss == losses[0])
    }
  }
}
