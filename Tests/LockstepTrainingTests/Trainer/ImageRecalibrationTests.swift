import LockstepData
import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining
import SampleSupport
import TestSupport
import Testing

/// Running statistics of images as those of a population: a channel's over all rows and positions, against mean and
/// variance taken in Double of a forward pass written here.
@Suite struct ImageRecalibrationTests {
  private static let image = Shape.image(height: 5, width: 4, channels: 3)
  /// Batches of 32, 32, 32 and 24 rows an epoch.
  private static let data = TestData(samples: 120, shape: image, task: .regression(targets: 2))

  private static func trainer(_ model: Model, threads: Int = 2, shards: Int = 4) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05, momentum: 0.9), batch: 32, shards: shards,
      threads: threads, seed: 9)
    try trainer.attach(data)
    for _ in 0..<6 { try trainer.step() }
    return trainer
  }

  @Test(arguments: [1, 4, 5])
  func statisticsAreThoseOfAllRowsAndPositions(batches: Int) throws {
    let model = Model(input: Self.image) {
      Conv2D(6, kernel: 3, padding: .same, bias: false)
      BatchNorm()
      ReLU()
      DepthwiseConv2D(kernel: 2, bias: true)
      BatchNorm(statistics: .batch)
      Flatten()
      Dense(2)
    }
    let trainer = try Self.trainer(model)
    try trainer.recalibrate(batches: batches)
    func tensor(_ name: String) throws -> [Double] { try trainer.tensor("model.\(name)").array.map(Double.init) }
    let sampler = try #require(trainer.sampler)
    var seen: [[Double]] = [[], []]
    for step in 0..<batches {
      let batch = sampler.batch(at: step)
      let x = try Rows(Self.data, (0..<batch.rows).map { batch.sample($0) }).features.flatMap { $0.map(Double.init) }
      let first = Reference.convolution(
        x, weight: try tensor("conv2d0.weight"), bias: [Double](repeating: 0, count: 6), images: batch.rows,
        shape: ConvolutionShape(
          image: Extent(5, 4), channels: 3, filters: 6, kernel: 3, padding: Extent(1, 1), output: Extent(5, 4)))
      var normalised: [Double] = []
      for shard in 0..<4 {
        let range = Shard.rows(shard, of: 4, batch: batch.rows)
        normalised += try Reference.batchNorm(
          Array(first[range.lowerBound * 120..<range.upperBound * 120]), rows: range.count * 20,
          gamma: tensor("batch_norm0.gamma"), beta: tensor("batch_norm0.beta"), epsilon: 1e-5)
      }
      seen[0] += first
      seen[1] += Reference.depthwiseConvolution(
        normalised.map { max(0, $0) }, weight: try tensor("depthwise_conv2d0.weight"),
        bias: try tensor("depthwise_conv2d0.bias"), images: batch.rows,
        shape: ConvolutionShape(image: Extent(5, 4), channels: 6, kernel: 2, output: Extent(4, 3)))
    }
    for (index, values) in seen.enumerated() {
      try expectRunningStatistics(of: trainer, index, moments: values, channels: 6)
    }
  }

  @Test(arguments: [3, 8])
  func bitsDoNotDependOnThreads(shards: Int) throws {
    let model = Model(input: Self.image) {
      Conv2D(19, kernel: 3, padding: .same)
      BatchNorm()
      RReLU()
      MaxPool(2)
      SpatialDropout(rate: 0.3)
      Residual {
        Conv2D(19, kernel: 2, padding: .same)
        BatchNorm(statistics: .batch)
        PReLU()
      }
      GlobalAveragePool()
      BatchNorm()
      Dense(2)
    }
    var first: [String: [UInt32]]?
    for threads in [1, 2, 3, 8] {
      let trainer = try Self.trainer(model, threads: threads, shards: shards)
      try trainer.recalibrate(batches: 5)
      #expect(first == nil || trainer.tensorBits == first, "\(threads) threads, \(shards) shards")
      first = trainer.tensorBits
    }
  }

  /// A shard of one image has positions enough for its variance, but behind `flatten`, and where an image is one pixel.
  @Test(arguments: [BatchNorm.Statistics.shard, .batch])
  func oneImageHasStatistics(_ statistics: BatchNorm.Statistics) throws {
    func trainer(threads: Int, _ model: Model) throws -> Trainer {
      let rows = statistics == .shard ? 8 : 1
      let trainer = try Trainer(
        model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05), batch: rows, shards: rows,
        threads: threads, seed: 9)
      try trainer.attach(Self.data)
      for _ in 0..<3 { try trainer.step() }
      return trainer
    }
    let model = Model(input: Self.image) {
      Conv2D(6, kernel: 3, padding: .same)
      BatchNorm(statistics: statistics)
      Flatten()
      Dense(2)
    }
    func parameters(threads: Int) throws -> [Float] {
      try trainer(threads: threads, model).parameters.flatMap(\.values.array)
    }
    let one = try parameters(threads: 1)
    #expect(one.allSatisfy { $0.isFinite })
    for threads in [2, 3, 8] {
      expectSameBits(try parameters(threads: threads), one, "on \(threads) threads")
    }
    let single = Model(input: Self.image) {
      Conv2D(6, kernel: Extent(5, 4))
      BatchNorm(statistics: statistics)
      Flatten()
      Dense(2)
    }
    #expect(throws: TrainingError.self) { try trainer(threads: 1, single) }
  }
}
