import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// What samples and classes count: (1/B) Σ wᵢ lᵢ over a batch of B samples.
@Suite struct WeightedTrainingTests {
  private static let model = Model(features: 6) {
    Dense(20)
    Tanh()
    Dense(3)
  }

  private static func data(samples: Int = 40) -> TestData {
    TestData(samples: samples, features: 6, task: .classification(classes: 3))
  }

  private func trainer(
    _ data: any Dataset, batch: Int = 40, threads: Int = 1, classWeights: [Float]? = nil, rate: Double = 0.1,
    _ model: Model = Self.model, loss: Loss = .softmaxCrossEntropy
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: loss, optimizer: .sgd(learningRate: rate, momentum: 0.9),
      options: Trainer.Options(
        batch: batch, shards: 4, threads: .count(threads), seed: 2, classWeights: classWeights))
    try trainer.attach(data)
    return trainer
  }

  private func bits(_ trainer: Trainer, steps: Int = 6) throws -> TrainedBits {
    TrainedBits(trainer, try (0..<steps).map { _ in try trainer.step() })
  }

  /// Weights of 1 are no weights, to the bit: of samples, of classes, of both.
  @Test func onesAreNone() throws {
    let data = Self.data()
    let ones = try data.weighted(by: [Float](repeating: 1, count: 40))
    let plain = try bits(trainer(data, batch: 16))
    #expect(try bits(trainer(ones, batch: 16)) == plain)
    #expect(try bits(trainer(data, batch: 16, classWeights: [1, 1, 1])) == plain)
    #expect(try bits(trainer(ones, batch: 16, classWeights: [1, 1, 1])) == plain)
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let weights = (0..<40).map { Float($0 % 5) / 2 }
    let data = try Self.data().weighted(by: weights)
    let expected = try bits(trainer(data, batch: 16, classWeights: [0.5, 2, 1]))
    for threads in [2, 3, 4] {
      #expect(try bits(trainer(data, batch: 16, threads: threads, classWeights: [0.5, 2, 1])) == expected)
    }
    #expect(try bits(trainer(Self.data(), batch: 16)) != expected)
  }

  /// The parameters after a step over the whole data set, and its loss.
  private func stepped(_ data: any Dataset, batch: Int, rate: Double = 0.1) throws -> (values: [Float], loss: Double) {
    let trainer = try trainer(data, batch: batch, rate: rate)
    let result = try trainer.step()
    return (trainer.tensors.filter { $0.name.hasPrefix("model.") }.flatMap(\.values.array), result.loss)
  }

  /// A weight of 2 is the sample twice, a weight of 0 its absence, but for what the sum is divided by: the rate makes
  /// up for that.
  @Test func aWeightIsACount() throws {
    let data = Self.data(samples: 24)
    let counts = (0..<24).map { [0, 1, 2, 3][$0 % 4] }
    let rows = counts.enumerated().flatMap { sample, count in Array(repeating: sample, count: count) }
    let memory = Arena(count: 24 * 7)
    let (x, y) = (memory.matrix(at: 0, rows: 24, columns: 6), memory.matrix(at: 24 * 6, rows: 24, columns: 1))
    try data.fill(Array(0..<24).span, features: x, targets: y)
    let repeated = TestData(
      features: 6, task: data.task, x: rows.flatMap { x.row($0).array }, y: rows.map { y[$0, 0] })
    let weighted = try stepped(data.weighted(by: counts.map(Float.init)), batch: 24, rate: 0.1)
    let counted = try stepped(repeated, batch: rows.count, rate: 0.1 * Double(rows.count) / 24)
    #expect(abs(weighted.loss - counted.loss * Double(rows.count) / 24) < 1e-6)
    for (a, b) in zip(weighted.values, counted.values) { #expect(abs(a - b) < 1e-6 * max(1, abs(b))) }
  }

  /// A class's weight multiplies those of its samples.
  @Test func classesAndSamplesMultiply() throws {
    let data = Self.data()
    let classWeights: [Float] = [0.25, 1, 4]
    let memory = Arena(count: 40)
    let labels = memory.matrix(at: 0, rows: 40, columns: 1)
    try data.fillTargets(Array(0..<40).span, labels)
    let own = (0..<40).map { Float($0 % 3) + 0.5 }
    let both = (0..<40).map { own[$0] * classWeights[Int(labels[$0, 0])] }
    let expected = try bits(trainer(data.weighted(by: both), batch: 16))
    #expect(try bits(trainer(data.weighted(by: own), batch: 16, classWeights: classWeights)) == expected)
  }

  /// They are of what training makes small, not of what evaluation says, and a fold hands them on.
  @Test func evaluationDescribesTheDataAsItIs() throws {
    let data = Self.data()
    let weighted = try data.weighted(by: (0..<40).map { Float($0 % 4) })
    let trainer = try trainer(weighted, classWeights: [3, 1, 0])
    #expect(try trainer.evaluate(on: weighted) == trainer.evaluate(on: data))
    let fold = try weighted.fold(1, of: 4, seed: 1).train
    #expect(fold.isWeighted && fold.fingerprint.contains("weights"))
    let memory = Arena(count: fold.count)
    try fold.fillWeights(Array(0..<fold.count).span, into: memory.all)
    #expect(memory.all.array == (0..<fold.count).map { Float(fold.sample($0) % 4) })
  }

  @Test(arguments: [Loss.binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber])
  func sampleWeightsWithEveryLoss(_ loss: Loss) throws {
    let model = Model(features: 6) { Dense(1) }
    let data = TestData(samples: 40, features: 6, task: .regression(targets: 1))
    let twos = try data.weighted(by: [Float](repeating: 2, count: 40))
    // A common factor of 2 is exact, in the loss too.
    let plain = try trainer(data, rate: 0.1, model, loss: loss).step()
    let double = try trainer(twos, rate: 0.1, model, loss: loss).step()
    #expect(double.loss == 2 * plain.loss && plain.loss > 0)
    #expect(loss.metrics(double.sums).dropFirst().map(\.value) == loss.metrics(plain.sums).dropFirst().map(\.value))
  }

  @Test func whatCannotBeIsRefused() throws {
    let data = Self.data(samples: 3)
    for (weights, words) in [
      ([1, 2], "found 2, expected 3"), ([1, -1, 0], "weight of sample 1: found -1"),
      ([1, .nan, 0], "sample 1: found nan"),
      ([1, 1, .infinity], "sample 2: found inf"), ([0, 0, 0], "none above 0"),
    ] as [([Float], String)] {
      #expect { try data.weighted(by: weights) } throws: { "\($0)".contains(words) }
    }
    for (weights, words) in [
      ([1, 2], "found 2 class weights, expected 3"), ([1, -1, 0], "class 1"), ([1, 1, .nan], "class 2"),
      ([0, 0, 0], "no class weight above 0"),
    ] as [([Float], String)] {
      #expect { try trainer(Self.data(), classWeights: weights) } throws: { "\($0)".contains(words) }
    }
    let regression = TestData(samples: 40, features: 6, task: .regression(targets: 1))
    let model = Model(features: 6) { Dense(1) }
    #expect {
      try trainer(regression, classWeights: [1, 2], model, loss: .huber)
    } throws: {
      "\($0)".contains("class weights for huber")
    }
    #expect {
      try trainer(regression, classWeights: [1, 2], model, loss: .binaryCrossEntropy)
    } throws: {
      "\($0)".contains("whose targets are numbers")
    }
  }
}
