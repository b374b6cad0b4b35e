import LockstepKernels
import LockstepModel
import LockstepTraining
import Testing

/// The promise: the trained bits do not depend on the number of threads, here from one to eight, most of them without a
/// core of their own.
@Suite struct SameBitsTests {
  /// {shard, batch} statistics × {dropout, RReLU, PReLU} × {SGD, Adam} × clipping, with an uneven last batch, over two
  /// epochs and more.
  @Test(arguments: BatchNorm.Statistics.allCases, Precision.allCases)
  func matrix(_ statistics: BatchNorm.Statistics, _ precision: Precision) throws {
    let middles: [(String, Layer)] = [
      ("dropout", Dropout(rate: 0.3).layer), ("rrelu", RReLU().layer), ("prelu", PReLU().layer),
    ]
    let optimizers: [Optimizer] = [.sgd(learningRate: 0.05, momentum: 0.9), .adam(learningRate: 0.01)]
    let clips: [GradientClip?] = [nil, .globalNorm(0.5), .value(0.01)]
    for (name, middle) in middles {
      for optimizer in optimizers {
        for clip in clips {
          let model = SameBitsTests.model(BatchNorm(statistics: statistics), middle)
          try Run(
            name: "\(precision), \(statistics), \(name), \(optimizer.name), \(clip.map { "\($0)" } ?? "no clipping")",
            model: model,
            optimizer: optimizer,
            options: Trainer.Options(batch: 36, shards: 8, seed: 3, clip: clip, precision: precision),
            data: SameBitsTests.data, steps: 7
          ).expectSameBits()
        }
      }
    }
  }

  /// The same of images: every layer of theirs, shards that are no power of two, threads that share one.
  @Test(arguments: BatchNorm.Statistics.allCases, Precision.allCases)
  func images(_ statistics: BatchNorm.Statistics, _ precision: Precision) throws {
    let shape = Shape.image(height: 7, width: 6, channels: 3)
    let norm = BatchNorm(statistics: statistics)
    let model = Model(input: shape) {
      Conv2D(17, kernel: 3, padding: .same)
      norm
      ReLU()
      Residual {
        Conv2D(20, kernel: 3, stride: 2, padding: .same)
        norm
        PReLU()
        DepthwiseConv2D(kernel: 3, padding: .same)
      } projection: {
        Conv2D(20, kernel: 1, stride: 2)
        norm
      }
      SELU()
      SpatialDropout(rate: 0.2)
      MaxPool(2, stride: 1, padding: .same)
      AveragePool(2, stride: 1)
      Conv2D(33, kernel: 2, dilation: 1)
      GlobalAveragePool()
      Dense(3)
    }
    let data = TestData(samples: 60, shape: shape, task: .classification(classes: 3))
    for shards in [1, 3, 4] {
      try Run(
        name: "images, \(shards) shards, \(statistics), \(precision)", model: model,
        options: Trainer.Options(batch: 24, shards: shards, seed: 4, clip: .globalNorm(1), precision: precision),
        data: data, steps: 4
      ).expectSameBits(threads: [2, 3, 5, 8])
    }
  }

  /// Parameters in eleven blocks, so that every worker's slice is another one.
  private static func model(_ norm: BatchNorm, _ middle: Layer) -> Model {
    Model(features: 12) {
      Dense(96, bias: false)
      norm
      middle
      Dense(96)
      norm
      middle
      Dense(3)
    }
  }

  /// Batches of 36, 36 and 28 rows.
  private static let data = TestData(samples: 100, features: 12, task: .classification(classes: 3))

  /// Shards that are no power of two, and threads that are no divisor of them: subtrees are cut between workers.
  @Test(arguments: [1, 2, 3, 5, 6, 7, 11, 13], Precision.allCases)
  func anyNumberOfShards(shards: Int, precision: Precision) throws {
    for statistics in BatchNorm.Statistics.allCases {
      try Run(
        name: "\(shards) shards, \(statistics), \(precision)",
        model: SameBitsTests.model(BatchNorm(statistics: statistics), RReLU().layer),
        options: Trainer.Options(batch: 36, shards: shards, seed: 5, clip: .globalNorm(1), precision: precision),
        data: SameBitsTests.data,
        steps: 4
      ).expectSameBits(threads: [2, 3, 4, 5, 7, 8])
    }
  }

  /// A last batch of 3 rows in 8 shards: five of them are empty. And a data set smaller than the batch.
  @Test(arguments: [35, 5])
  func emptyShards(samples: Int) throws {
    let data = TestData(samples: samples, features: 6, task: .regression(targets: 2))
    let model = Model(features: 6) {
      Dense(50)
      BatchNorm(statistics: .batch, epsilon: 1e-3)
      PReLU(slopes: .shared)
      Residual {
        Dense(50)
        AlphaDropout(rate: 0.1)
        SELU()
      }
      Dense(2)
    }
    for clip in [nil, GradientClip.globalNorm(0.1)] {
      try Run(
        name: "\(samples) samples in batches of 16", model: model, loss: .huber,
        optimizer: .rmsprop(learningRate: 0.01),
        options: Trainer.Options(batch: 16, shards: 8, clip: clip), data: data, steps: 8
      ).expectSameBits()
    }
  }

  @Test(
    arguments: Optimizer.all.map { $0.with(learningRate: 0.01) }
      + [.sgd(learningRate: 0.05, momentum: 0.9, nesterov: true)])
  func regularizationWithEveryOptimizer(_ optimizer: Optimizer) throws {
    let regularizations = [
      Regularization(l1: 1e-3), Regularization(l2: 1e-2), Regularization(decoupled: 0.05), Regularization(maxNorm: 0.7),
      Regularization(l1: 1e-4, l2: 1e-3, decoupled: 0.01, maxNorm: 0.9, everything: true),
    ]
    for regularization in regularizations {
      try Run(
        name: "\(optimizer.name) with \(regularization)", model: SameBitsTests.model(BatchNorm(), PReLU().layer),
        optimizer: optimizer,
        options: Trainer.Options(
          batch: 36, shards: 5, regularization: regularization, clip: .globalNorm(0.8),
          schedule: .cosine().warmedUp(over: 3), horizon: 20),
        data: SameBitsTests.data, steps: 5
      ).expectSameBits(threads: [2, 3, 5])
    }
  }

  /// One unit and few rows: products of so few sums that another order of adding may well go unseen in one of them.
  @Test(arguments: [19, 21, 23, 27], Precision.allCases)
  func narrowProducts(samples: Int, precision: Precision) throws {
    for width in [3, 6, 17] {
      let model = Model(features: 5) {
        Dense(width)
        Tanh()
        Dense(1)
      }
      try Run(
        name: "\(samples) samples in batches of 16, width \(width), \(precision)", model: model,
        loss: .meanSquaredError,
        options: Trainer.Options(batch: 16, shards: 8, precision: precision),
        data: TestData(samples: samples, features: 5, task: .regression(targets: 1)), steps: 12
      ).expectSameBits(threads: [2, 3, 4, 5, 6, 7, 8])
    }
  }

  /// Products as large as those of real networks, which are cut into panels and tiles.
  @Test(arguments: [64, 300], Precision.allCases)
  func largeProducts(batch: Int, precision: Precision) throws {
    let model = Model(features: 100) {
      Dense(256, initializer: .lecunNormal)
      SELU()
      Residual {
        Dense(200)
        BatchNorm()
        ELU()
        Dense(256)
      }
      Dense(10)
    }
    try Run(
      name: "batches of \(batch), \(precision)", model: model, optimizer: .adam(learningRate: 1e-3),
      options: Trainer.Options(batch: batch, shards: 8, precision: precision),
      data: TestData(samples: 500, features: 100, task: .classification(classes: 10)), steps: 9
    ).expectSameBits()
  }

  /// Shards so long that some are worked through together, some alone, some in micro-batches; with a last batch whose
  /// shards are shorter and whose groups are longer.
  @Test(arguments: [(2400, 448, 8), (2048, 300, 4), (1400, 40, 2), (1560, 7, 3)], Precision.allCases)
  func longShards(_ shape: (batch: Int, features: Int, shards: Int), precision: Precision) throws {
    let (batch, features, shards) = shape
    let model = Model(features: features) {
      Dense(17)
      BatchNorm()
      Tanh()
      Dense(2)
    }
    try Run(
      name: "batches of \(batch), \(precision)", model: model, loss: .meanSquaredError,
      options: Trainer.Options(batch: batch, shards: shards, precision: precision),
      data: TestData(samples: batch + batch * 6 / 7, features: features, task: .regression(targets: 2)), steps: 4
    ).expectSameBits(threads: Array(2...shards))
  }

  /// Everything at once, over many epochs.
  @Test func longRun() throws {
    let model = Model(features: 12) {
      Dropout(rate: 0.1)
      Dense(64)
      Repeat(times: 2) {
        Residual {
          BatchNorm(statistics: .batch)
          RReLU()
          Dense(64)
          Dropout(rate: 0.2)
          Residual {
            PReLU()
            Dense(64)
          }
        }
        BatchNorm()
      }
      GELU()
      Dense(3)
    }
    try Run(
      name: "long run", model: model, optimizer: .nadam(learningRate: 2e-3),
      options: Trainer.Options(
        batch: 36, shards: 6, seed: 11, clip: .globalNorm(1), schedule: .exponential(rate: 0.9, every: 5)),
      data: SameBitsTests.data, steps: 60
    ).expectSameBits(threads: [2, 5, 6])
  }
}
