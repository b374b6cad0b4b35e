import LockstepTraining
import RunSupport
import SampleSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepData
@testable import LockstepFormats
@testable import LockstepRuns

/// What class weights come to.
@Suite struct ResolvedClassWeightsTests {
  private func yaml(_ weights: String) -> String {
    configuration(
      replacing: "loss: softmax_cross_entropy", with: "loss: {softmax_cross_entropy: {class_weights: \(weights)}}")
  }

  /// n / (k · n_c), as `compute_class_weight("balanced")` of scikit-learn has it, over the training part alone.
  @Test func balancedCountsTheTrainingPart() throws {
    try withTemporaryFolder { folder in
      let labels = (0..<40).map { $0 % 10 == 0 ? "rare" : $0 % 3 == 0 ? "some" : "often" }
      try write("a,y\n" + labels.enumerated().map { "\($0),\($1)\n" }.joined(), to: "\(folder)/t.csv")
      try write(
        """
        data: {source: {csv: {path: t.csv, target: y}}, split: {validation: 0.25, seed: 2}}
        model: {layers: [{dense: {units: 3}}]}
        loss: {softmax_cross_entropy: {class_weights: balanced}}
        optimizer: adam
        training: {batch_size: 10, shards: 2, steps: 3}
        """, to: "\(folder)/c.yaml")
      let configuration = try RunConfiguration(file: "\(folder)/c.yaml")
      let train = try RunSetup(configuration).train
      let counted = try samples(of: train).targets
      let counts = (0..<3).map { label in counted.count { $0 == [Float(label)] } }
      #expect(counts.reduce(0, +) == 30 && counts.allSatisfy { $0 > 0 } && Set(counts).count == 3)
      let expected = counts.map { Float(30 / (3 * Double($0))) }
      #expect(try RunSetup(configuration).classWeights() == expected)
      #expect(try RunSetup(configuration).trainer().options.classWeights == expected)
      // By name, whatever is left out counting 1: the order is that of the sorted names.
      var named = configuration
      named.classWeights = .named([.init("rare", 7)])
      #expect(try RunSetup(named).classWeights() == [1, 7, 1])
    }
  }

  /// Samples of a generator are made to be counted; a class without one counts nothing, and the others as if it were
  /// not there.
  @Test func balancedCountsGenerators() throws {
    let configuration = try RunConfiguration(yaml: yaml("balanced"))
    let train = try RunSetup(configuration).train
    let counted = try samples(of: train).targets
    let counts = (0..<4).map { label in counted.count { $0 == [Float(label)] } }
    let weights = try ClassWeights.balanced.resolved(on: train, names: ["0", "1", "2", "3", "never"])
    #expect(weights == counts.map { Float(1000 / (4 * Double($0))) } + [0])
    #expect(throws: DatasetError.self) { try ClassWeights.balanced.resolved(on: train, names: ["0", "1"]) }
  }

  /// What came of them stands in the checkpoint, and a run that goes on ends with the same bits.
  @Test func aRunGoesOnWithThem() throws {
    let configuration = try RunConfiguration(yaml: yaml("balanced"))
    let expected = try withTemporaryFolder { try TrainingRun.start(configuration, output: $0).train() }
    let plain = try withTemporaryFolder {
      try TrainingRun.start(RunConfiguration(yaml: validConfiguration), output: $0).train()
    }
    #expect(expected.digest != plain.digest)
    try withTemporaryFolder { folder in
      let paused = try TrainingRun.start(configuration, output: folder, upTo: 17).train()
      let path = try #require(paused.json["checkpoint"]?.string)
      let metadata = try CheckpointFile.readHeader(path).metadata
      let weights = try #require(JSONValue(parsing: metadata["class_weights"] ?? "").array)
      #expect(weights.count == 4 && weights.allSatisfy { abs(($0.number ?? 0) - 1) < 0.3 })
      let resumed = try TrainingRun.resume(folder, overrides: [ConfigurationOverride("training.threads=1")])
      #expect(try resumed.train().digest == expected.digest)
    }
  }
}
