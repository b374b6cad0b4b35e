import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// Gradient accumulation: the micro-batches that a batch is worked through in change the memory, and no bit.
@Suite struct AccumulationTests {
  private static let model = Model(features: 12) {
    Dense(96, bias: false)
    BatchNorm()
    Dropout(rate: 0.3)
    PReLU()
    Dense(64)
    BatchNorm()
    ReLU()
    Dense(3)
  }

  /// Batches of 36, 36 and 28 rows.
  private static let data = TestData(samples: 100, features: 12, task: .classification(classes: 3))

  private static func data(of model: Model) -> TestData {
    TestData(samples: 100, shape: model.input, task: .classification(classes: 3))
  }

  /// Batch normalisation, dropout, clipping, decay, an uneven last batch; every number of micro-batches on every number
  /// of threads.
  @Test(arguments: [3, 5, 8])
  func everyNumberOfPartsGivesTheSameBits(shards: Int) throws {
    for clip in [nil, GradientClip.globalNorm(0.5)] {
      let expected = try trained(shards: shards, threads: 1, microBatches: 1, clip)
      for threads in [1, 2, 3] {
        for microBatches in [1, 2, 4, 8] where microBatches <= shards {
          let found = try trained(shards: shards, threads: threads, microBatches: microBatches, clip)
          if let difference = found.difference(from: expected) {
            Issue.record("\(shards) shards, \(threads) threads, \(microBatches) micro-batches: \(difference)")
          }
        }
      }
    }
  }

  /// The same of images.
  @Test func everyNumberOfPartsOfImages() throws {
    let images = Model(input: .image(height: 2, width: 3, channels: 2)) {
      Conv2D(9, kernel: 2, padding: .same)
      PReLU()
      DepthwiseConv2D(kernel: 3, padding: .same)
      BatchNorm()
      ReLU()
      MaxPool(2, padding: .same)
      Flatten()
      Dense(3)
    }
    let expected = try trained(shards: 8, threads: 1, microBatches: 1, nil, images)
    for threads in [1, 2, 3] {
      for microBatches in [1, 2, 3, 8] {
        let found = try trained(shards: 8, threads: threads, microBatches: microBatches, nil, images)
        if let difference = found.difference(from: expected) {
          Issue.record("\(threads) threads, \(microBatches) micro-batches: \(difference)")
        }
      }
    }
  }

  private func trained(
    shards: Int, threads: Int, microBatches: Int, _ clip: GradientClip?, _ model: Model = Self.model
  ) throws -> TrainedBits {
    let trainer = try trainer(shards: shards, threads: threads, microBatches: microBatches, clip, model)
    let steps = try (0..<7).map { _ in try trainer.step() }
    let sums = try trainer.evaluate(on: Self.data(of: model)).sums
    var bits = TrainedBits(trainer, steps)
    bits.losses += [sums.loss.bitPattern, sums.first.bitPattern, 0]
    return bits
  }

  private func trainer(
    shards: Int = 8, threads: Int = 1, microBatches: Int, _ clip: GradientClip? = nil, _ model: Model = Self.model,
    lsuv: LSUV? = nil
  ) throws -> Trainer {
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy(labelSmoothing: 0.1), optimizer: .adam(learningRate: 0.01),
      options: Trainer.Options(
        batch: 36, shards: shards, threads: .count(threads), seed: 3, regularization: Regularization(l2: 1e-3),
        clip: clip, lsuv: lsuv, accumulate: microBatches))
    try trainer.attach(Self.data(of: model))
    return trainer
  }

  /// Large images go through few shards at a time though nobody has asked for it, on any number of threads with the
  /// same bits, and evaluated as well; with statistics of the batch all together.
  @Test func largeImagesGoInParts() throws {
    func found(_ threads: Int, _ statistics: BatchNorm.Statistics) throws -> (parts: Int, bits: TrainedBits) {
      let model = Model(input: .image(height: 32, width: 32, channels: 2)) {
        Conv2D(16, kernel: 3, padding: .same)
        BatchNorm(statistics: statistics)
        ReLU()
        MaxPool(4)
        Flatten()
        Dense(3)
      }
      let data = TestData(
        samples: 72, shape: .image(height: 32, width: 32, channels: 2), task: .classification(classes: 3))
      let trainer = try Trainer(
        model, loss: .softmaxCrossEntropy(labelSmoothing: 0), optimizer: .sgd(learningRate: 0.01), batch: 64, shards: 4,
        threads: threads, seed: 3)
      try trainer.attach(data)
      let steps = try (0..<3).map { _ in try trainer.step() }
      var bits = TrainedBits(trainer, steps)
      bits.losses.append(try trainer.evaluate(on: data).sums.loss.bitPattern)
      return (trainer.microBatches, bits)
    }
    for (statistics, parts) in [(BatchNorm.Statistics.shard, [4, 2, 2, 1, 1]), (.batch, [1, 1, 1, 1, 1])] {
      let expected = try found(1, statistics)
      for (threads, count) in zip([1, 2, 3, 4, 5], parts) {
        let found = try found(threads, statistics)
        #expect(found.parts == count, "\(threads) threads")
        if let difference = found.bits.difference(from: expected.bits) {
          Issue.record("\(threads) threads, \(statistics): \(difference)")
        }
      }
    }
  }

  /// A run that goes on may take other micro-batches.
  @Test func partsMayChangeOnTheWay() throws {
    let whole = try trainer(microBatches: 1)
    var steps = try (0..<4).map { _ in try whole.step() }
    let changed = try trainer(threads: 2, microBatches: 4)
    changed.takeOver(from: whole)
    steps += try (0..<3).map { _ in try whole.step() }
    for step in steps.suffix(3) { #expect(try changed.step() == step) }
    #expect(changed.tensorBits == whole.tensorBits)
  }

  /// Whatever else goes over batches: LSUV, the population's statistics, what is seen of the layers.
  @Test func initializationRecalibrationAndObservation() throws {
    var found: [([String: [UInt32]], [LayerFigures]?)] = []
    for (threads, microBatches) in [(1, 1), (1, 4), (2, 8)] {
      let trainer = try trainer(threads: threads, microBatches: microBatches, lsuv: LSUV(samples: 36))
      let layers = try trainer.step(observingLayers: true).layers
      _ = try trainer.recalibrate(batches: 2)
      found.append((trainer.tensorBits, layers))
    }
    for (bits, layers) in found {
      #expect(bits == found[0].0)
      #expect(layers == found[0].1 && layers?.contains { $0.dead != nil } == true)
    }
  }

  /// What is not finite is named though its memory has gone to the next micro-batch.
  @Test func theFirstLayerThatOverflowsIsNamed() throws {
    for microBatches in [1, 2, 8] {
      let trainer = try trainer(microBatches: microBatches)
      try trainer.tensor("model.dense1.weight").fill(.infinity)
      #expect {
        try trainer.step()
      } throws: {
        $0 as? TrainingError == .lossNotFinite(step: 1, shard: 0, layer: "dense1")
      }
    }
  }

  @Test func whatCannotBeIsRefused() throws {
    for microBatches in [0, -1, 9] {
      #expect {
        try trainer(microBatches: microBatches)
      } throws: {
        "\($0)"
          == (microBatches < 1
            ? "training: accumulate: found \(microBatches), expected an integer from 1 to 16777216"
            : "training: found a batch of 8 shards worked through in \(microBatches) parts, expected 1 … 8")
      }
    }
    let synchronized = Model(features: 12) {
      Dense(8)
      BatchNorm(statistics: .batch)
      Dense(3)
    }
    _ = try trainer(microBatches: 1, nil, synchronized)
    #expect {
      try trainer(microBatches: 2, nil, synchronized)
    } throws: {
      "\($0)".contains("statistics: batch") && "\($0)".contains("2 parts")
    }
  }
}
