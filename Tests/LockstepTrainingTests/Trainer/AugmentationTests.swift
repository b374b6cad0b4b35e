import LockstepData
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// Training on pictures that are varied: what is drawn follows from the seed, the step and the row of the batch.
@Suite struct AugmentationTests {
  /// Pictures, whose targets are as many numbers.
  private struct Pictures: Dataset {
    let base: TestData
    let shape: Shape

    init(samples: Int, _ shape: Shape) {
      base = TestData(samples: samples, features: shape.count, task: .regression(targets: shape.count))
      self.shape = shape
    }

    var count: Int { base.count }
    var features: Int { base.features }
    var task: LearningTask { base.task }
    var fingerprint: String { base.fingerprint }

    func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
      try base.fill(indices, features: features, targets: targets)
    }
  }

  private static let shape = Shape.image(height: 6, width: 7, channels: 3)
  private static let data = Pictures(samples: 53, shape)
  private static let all = Augmentation(
    flip: .horizontal, crop: .init(padding: 2), cutout: .init(size: 3), brightness: 0.3, contrast: 0.2)
  /// Something to learn, a slope of 1, which stays 1 at that rate, and tanh.
  private static let layers = [PReLU(initial: 1, slopes: .shared).layer, .activation(.tanh)]
  /// Each setting alone, none, and all together.
  private static let settings = [
    Augmentation(), Augmentation(flip: .horizontal), Augmentation(crop: .init(padding: 5)),
    Augmentation(cutout: .init(size: 6)), Augmentation(brightness: 1), Augmentation(contrast: 1), all,
  ]

  private static func trainer(
    _ augmentation: Augmentation?, shards: Int = 5, threads: Int = 1, teams: Int? = nil, microBatches: Int = 1
  ) throws -> Trainer {
    var options = Trainer.Options(
      batch: 20, shards: shards, threads: .count(threads), seed: 6, accumulate: microBatches, augmentation: augmentation
    )
    options.teams = teams
    let trainer = try Trainer(
      Model(input: shape, layers: layers), loss: .meanSquaredError, optimizer: .sgd(learningRate: 1e-30),
      options: options)
    try trainer.attach(data)
    return trainer
  }

  /// The loss of the network, which is tanh, by definition.
  private static func loss(_ augmentation: Augmentation, step: Int, _ sampler: Sampler) throws -> Double {
    let rows = sampler.rows(of: step)
    let count = shape.count
    let memory = Arena(count: 2 * rows * count + count + 64)
    let x = memory.matrix(at: 0, rows: rows, columns: count)
    let y = memory.matrix(at: rows * count, rows: rows, columns: count)
    let samples = (0..<rows).map { sampler.sample(step, row: $0) }
    try data.fill(samples.span, features: x, targets: y)
    augmentation.variation(of: shape, seed: 6)?.vary(
      x, from: 0, step: UInt64(step), scratch: memory.vector(at: 2 * rows * count, count: count))
    ActivationFunction.tanh.forward(x.elements, into: x.elements)
    var sum = 0.0
    for (x, y) in zip(x.elements.array, y.elements.array) {
      let difference = Double(x) - Double(y)
      sum += difference * difference
    }
    return sum / Double(rows * count)
  }

  /// Every step, the uneven last one of an epoch too, sees the rows that the definition varies.
  @Test(arguments: settings)
  func stepsSeeVariedPictures(augmentation: Augmentation) throws {
    let trainer = try Self.trainer(augmentation)
    let sampler = try #require(trainer.sampler)
    for step in 0..<7 {
      let expected = try Self.loss(augmentation, step: step, sampler)
      let found = try trainer.step().loss
      #expect(abs(found - expected) < 1e-5 * expected, "step \(step)")
    }
  }

  @Test func noneIsNothing() throws {
    let (plain, empty) = (try Self.trainer(nil), try Self.trainer(Augmentation()))
    for _ in 0..<4 { #expect(try plain.step() == empty.step()) }
  }

  @Test(arguments: settings)
  func sameBitsOnAnyThreads(augmentation: Augmentation) throws {
    let one = try Self.trainer(augmentation)
    let expected = try (0..<6).map { _ in try one.step() }
    for threads in [2, 3, 5] {
      for teams in [nil, 1, 2] {
        for microBatches in [1, 2, 5] {
          let trainer = try Self.trainer(augmentation, threads: threads, teams: teams, microBatches: microBatches)
          let found = try (0..<6).map { _ in try trainer.step() }
          #expect(found == expected, "\(threads) threads, \(String(describing: teams)) teams, \(microBatches) parts")
        }
      }
    }
  }

  /// Rows are varied by their number in the batch, whatever shard they are in.
  @Test func shardsDoNotMatter() throws {
    let few = try Self.trainer(Self.all, shards: 1)
    let many = try Self.trainer(Self.all, shards: 13, threads: 3)
    for _ in 0..<5 {
      let (a, b) = (try few.step().loss, try many.step().loss)
      #expect(abs(a - b) < 1e-6 * a)
    }
  }

  @Test func aRunThatGoesOnDrawsTheSame() throws {
    let whole = try Self.trainer(Self.all)
    for _ in 0..<3 { try whole.step() }
    let other = try Self.trainer(Self.all, threads: 2)
    other.takeOver(from: whole)
    for _ in 0..<4 { #expect(try other.step() == whole.step()) }
  }

  /// Evaluation sees the pictures as they are.
  @Test func evaluationIsPlain() throws {
    let (varied, plain) = (try Self.trainer(Self.all), try Self.trainer(nil))
    #expect(try varied.evaluate(on: Self.data).loss == plain.evaluate(on: Self.data).loss)
  }

  @Test func whatCannotBeVariedIsRefused() throws {
    func message(_ augmentation: Augmentation, _ input: Shape = Self.shape) -> String {
      do {
        let trainer = try Trainer(
          Model(input: input, layers: Self.layers), loss: .meanSquaredError,
          optimizer: .sgd(learningRate: 1e-30), options: Trainer.Options(batch: 8, augmentation: augmentation))
        try trainer.attach(Pictures(samples: 9, input))
        return "nothing"
      } catch { return "\(error)" }
    }
    #expect(message(Self.all) == "nothing")
    let wrong: [(Augmentation, String)] = [
      (.init(crop: .init(padding: 0)), "crop.padding: found 0, expected an integer from 1 to 4096"),
      (.init(crop: .init(padding: 6)), "augment.crop.padding: found 6, expected less than 6, the shorter side"),
      (.init(cutout: .init(size: -1)), "cutout.size: found -1, expected an integer from 1 to 4096"),
      (.init(cutout: .init(size: 7)), "augment.cutout.size: found 7, expected at most 6, the shorter side"),
      (.init(brightness: -0.5), "brightness: found -0.5, expected a number of at least 0"),
      (.init(brightness: .infinity), "brightness: found inf, expected a number of at least 0"),
      (.init(contrast: 1.5), "contrast: found 1.5, expected a number from 0 to 1"),
      (.init(contrast: .nan), "contrast: found nan, expected a number from 0 to 1"),
    ]
    for (augmentation, expected) in wrong { #expect(message(augmentation).contains(expected), "\(expected)") }
    #expect(message(Self.all, .features(12)).contains("augment: found it beside samples of 12 features"))
  }
}
