import LockstepTraining
import TestSupport
import Testing

@testable import LockstepFiles

/// `class_weights`: how they are written, what is wrong with them, and what they come to.
@Suite struct ClassWeightsTests {
  private func yaml(_ weights: String) -> String {
    configuration(
      replacing: "loss: softmax_cross_entropy", with: "loss: {softmax_cross_entropy: {class_weights: \(weights)}}")
  }

  @Test(arguments: [
    ("balanced", ClassWeights.balanced), ("[1, 0, 2.5, 1e-3]", .list([1, 0, 2.5, 0.001])),
    ("{0: 3, '2': 0.5}", .named([.init("0", 3), .init("2", 0.5)])),
  ])
  func everyWayToWriteThem(text: String, expected: ClassWeights) throws {
    #expect(try RunConfiguration(yaml: yaml(text)).classWeights == expected)
  }

  @Test(arguments: [
    (
      "[1, 2]",
      "12:47: loss.softmax_cross_entropy.class_weights: found 2 weights, expected 4, one for each of 0, 1, 2, 3"
    ),
    ("[1, 2, -3, 1]", "12:54: loss.softmax_cross_entropy.class_weights.2: found -3, expected a number of at least 0"),
    (
      "[1, 2, .inf, 1]",
      "12:54: loss.softmax_cross_entropy.class_weights.2: found .inf, expected a number of at least 0 (numbers are finite)"
    ),
    ("[0, 0, 0, 0]", "12:47: loss.softmax_cross_entropy.class_weights: found no weight above 0, expected at least one"),
    (
      "{0: 0, 1: 0, 2: 0, 3: 0}",
      "12:47: loss.softmax_cross_entropy.class_weights: found no weight above 0, expected at least one"
    ),
    (
      "{0: 1, four: 2}",
      "12:60: loss.softmax_cross_entropy.class_weights.four: found an unknown class, expected one of 0, 1, 2, 3"
    ),
    (
      "balance",
      "12:47: loss.softmax_cross_entropy.class_weights: found balance, expected balanced, a list of a weight a class, or weights by class: {NAME: 2} (did you mean balanced?)"
    ),
  ])
  func whatIsWrong(text: String, expected: String) {
    #expect(messages(yaml(text)) == ["tiny.yaml:\(expected)"])
  }

  @Test func onlyOfClasses() {
    let numbers = yaml("balanced").replacing("softmax_cross_entropy", with: "huber")
    #expect(
      messages(numbers).contains { $0.contains("huber.class_weights: found an unknown key, expected only delta") })
    let many = yaml("balanced").replacing("samples: 1000", with: "samples: 20000000")
    #expect(
      messages(many) == [
        "tiny.yaml:12:47: loss.softmax_cross_entropy.class_weights: found balanced for 20000000 generated samples, each of which would be made to be counted, expected at most 16777216 of them (write the weights as a list)"
      ])
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
      let train = try RunData(configuration).train
      let counted = try samples(of: train).targets
      let counts = (0..<3).map { label in counted.count { $0 == [Float(label)] } }
      #expect(counts.reduce(0, +) == 30 && counts.allSatisfy { $0 > 0 } && Set(counts).count == 3)
      let expected = counts.map { Float(30 / (3 * Double($0))) }
      #expect(try configuration.options(on: train).classWeights == expected)
      #expect(try TrainingRun.makeTrainer(configuration, RunData(configuration)).options.classWeights == expected)
      // By name, whatever is left out counting 1: the order is that of the sorted names.
      var named = configuration
      named.classWeights = .named([.init("rare", 7)])
      #expect(try named.options(on: train).classWeights == [1, 7, 1])
    }
  }

  /// Samples of a generator are made to be counted; a class without one counts nothing, and the others as if it were
  /// not there.
  @Test func balancedCountsGenerators() throws {
    let configuration = try RunConfiguration(yaml: yaml("balanced"))
    let train = try RunData(configuration).train
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
