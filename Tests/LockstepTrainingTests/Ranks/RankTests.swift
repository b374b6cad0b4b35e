import LockstepData
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// The promise over several ranks, here threads of one process: whatever one rank comes to, several come to.
@Suite struct RankTests {
  private static let model = Model(features: 9) {
    Dense(70)
    BatchNorm()
    PReLU()
    Dropout(rate: 0.2)
    Dense(70)
    BatchNorm(statistics: .batch)
    ReLU()
    Dense(3)
  }
  private static let data = TestData(samples: 100, features: 9, task: .classification(classes: 3))

  private static func run(_ change: (inout Trainer.Options) -> Void = { _ in }) -> Run {
    var options = Trainer.Options(batch: 36, shards: 8, seed: 3)
    change(&options)
    return Run(
      name: "ranks", model: model, optimizer: .adam(learningRate: 0.01), options: options, data: data, steps: 6)
  }

  /// What rank 0 comes to, which a trainer that is alone must come to as well.
  private func expectSame<Result: Equatable>(
    _ run: Run, ranks: [Int] = [2, 3], threads: [Int] = [1, 2], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @escaping @Sendable (Trainer) throws -> Result
  ) throws {
    let alone = try run.trainer(threads: 1)
    let expected = try body(alone)
    let bits = TrainedBits(alone, [])
    for ranks in ranks {
      for threads in threads {
        let found = try withRanks(ranks) { (communicator) -> (Result, TrainedBits)? in
          let trainer = try run.trainer(threads: threads, communicator: communicator)
          guard communicator.rank == 0 else {
            trainer.follow(validation: run.data)
            return nil
          }
          defer { trainer.dismiss() }
          return (try body(trainer), TrainedBits(trainer, []))
        }
        let (result, tensors) = try #require(found)
        #expect(result == expected, "\(ranks) ranks of \(threads) threads", sourceLocation: sourceLocation)
        if let difference = tensors.difference(from: bits) {
          Issue.record("\(ranks) ranks of \(threads) threads: another \(difference)", sourceLocation: sourceLocation)
        }
      }
    }
  }

  private static func steps(_ trainer: Trainer, _ count: Int = 6, observing: Bool = false) throws -> [StepResult] {
    try (0..<count).map { _ in
      try trainer.step(measuringNorm: observing, observingLayers: observing, keepingGradient: observing)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 8], [1, 2])
  func anyLayout(ranks: Int, threads: Int) throws {
    for clip in [nil, GradientClip.globalNorm(0.3)] {
      try expectSame(Self.run { $0.clip = clip }, ranks: [ranks], threads: [threads]) { try Self.steps($0) }
    }
  }

  /// Buckets are many, and cut weights.
  @Test func largeNetworks() throws {
    let model = Model(features: 40) {
      Dense(1500, bias: false)
      ReLU()
      Dense(1400)
      Tanh()
      Dense(2)
    }
    let run = Run(
      name: "large", model: model, loss: .meanSquaredError, optimizer: .adam(learningRate: 1e-3),
      options: Trainer.Options(batch: 24, shards: 5, seed: 1, clip: .globalNorm(1)),
      data: TestData(samples: 60, features: 40, task: .regression(targets: 2)), steps: 3)
    try expectSame(run, ranks: [2, 3, 5]) { try Self.steps($0, 3, observing: true) }
  }

  /// Signals, norms, updates and dead units of layers, and the gradient of the batch.
  @Test func whatIsSeenOfASteps() throws {
    for regularization in [Regularization.none, Regularization(maxNorm: 0.8)] {
      try expectSame(Self.run { $0.regularization = regularization }) { trainer in
        let steps = try Self.steps(trainer, observing: true)
        return Seen(steps: steps, gradients: trainer.gradients.map { $0.values.array })
      }
    }
  }

  private struct Seen: Equatable {
    var steps: [StepResult]
    var gradients: [[Float]]
  }

  /// Evaluation, with the average of the weights, between steps; sums and what needs every output.
  @Test(arguments: [nil, WeightAverage(decay: 0.9)])
  func evaluation(average: WeightAverage?) throws {
    try expectSame(Self.run { $0.weightAverage = average }) { trainer in
      var found = [try trainer.evaluation(on: Self.data, measuring: [.rocAUC, .f1])]
      for _ in 0..<3 {
        _ = try Self.steps(trainer, 2)
        found.append(try trainer.evaluation(on: Self.data, measuring: [.rocAUC, .f1]))
      }
      return found
    }
  }

  @Test func initializationFromData() throws {
    try expectSame(Self.run { $0.lsuv = LSUV(tolerance: 0.05, samples: 50) }) { try Self.steps($0, 3) }
  }

  /// More BatchNorms than ranks, and fewer: their moments go to different ranks, over shards that no node of the tree
  /// holds alone, and in parts of a batch.
  @Test(arguments: [1, 3])
  func runningStatistics(accumulate: Int) throws {
    let model = Model(features: 9) {
      Dense(17)
      BatchNorm(momentum: 0.7)
      ReLU()
      Dense(33)
      BatchNorm(momentum: 0.7)
      ReLU()
      Dense(5)
      BatchNorm(momentum: 0.7)
      Dense(3)
    }
    let options = Trainer.Options(batch: 26, shards: 7, seed: 2, accumulate: accumulate)
    let run = Run(name: "statistics", model: model, options: options, data: Self.data, steps: 5)
    try expectSame(run, ranks: [2, 3, 5, 7], threads: [1, 2, 3]) { trainer in
      let steps = try Self.steps(trainer, 4)
      try trainer.compareRanks()
      return try steps + Self.steps(trainer, 1)
    }
  }

  /// A worker may be done with a step before another of its rank has begun with it.
  @Test(arguments: [false, true])
  func workersFarApart(hasBatchNorm: Bool) throws {
    let model = Model(
      features: 9, layers: [.dense(Dense(33))] + (hasBatchNorm ? [.batchNorm(BatchNorm())] : []) + [.dense(Dense(3))])
    var data = Self.data
    data.delay = 0.004
    let run = Run(
      name: "apart", model: model, options: Trainer.Options(batch: 36, shards: 8, seed: 3), data: data, steps: 12)
    try expectSame(run, threads: [2]) { try Self.steps($0, 12) }
  }

  @Test func recalibration() throws {
    try expectSame(Self.run()) { trainer in
      _ = try Self.steps(trainer, 3)
      let rows = try trainer.recalibrate(batches: 2).rows
      try trainer.compareRanks()
      return [Double(rows)] + (try Self.steps(trainer, 2).map(\.loss))
    }
  }

  @Test func restart() throws {
    try expectSame(Self.run { $0.weightAverage = WeightAverage(decay: 0.8) }) { trainer in
      let first = try Self.steps(trainer, 3)
      trainer.restart()
      return first + (try Self.steps(trainer, 4))
    }
  }

  /// Stopped on one layout, and gone on with on another.
  @Test(arguments: [(1, 3), (3, 1), (2, 8), (8, 2)])
  func goingOn(layouts: (before: Int, after: Int)) throws {
    let run = Self.run { $0.weightAverage = WeightAverage(decay: 0.9) }
    let expected = try run.train(threads: 2)
    typealias Saved = (tensors: [[Float]], state: TrainerState)
    let saved = try withRanks(layouts.before) { (communicator) -> Saved? in
      let trainer = try run.trainer(threads: 1, communicator: communicator)
      guard communicator.rank == 0 else {
        trainer.follow()
        return nil
      }
      defer { trainer.dismiss() }
      _ = try Self.steps(trainer, 2)
      let tensors = trainer.tensors.map { tensor in
        var values: [Float] = []
        tensor.eachPiece { values += $0.array }
        return values
      }
      return (tensors, trainer.state)
    }
    let (tensors, state) = try #require(saved)
    let bits = try withRanks(layouts.after) { (communicator) -> TrainedBits? in
      let trainer = try run.trainer(threads: 2, communicator: communicator)
      guard communicator.rank == 0 else {
        trainer.follow()
        return nil
      }
      defer { trainer.dismiss() }
      for (tensor, values) in zip(trainer.tensors, tensors) { tensor.values.copy(from: values) }
      trainer.publish()
      trainer.resume(from: state)
      _ = try Self.steps(trainer, 4)
      return TrainedBits(trainer, [])
    }
    #expect(try #require(bits).tensors == expected.tensors)
  }

  /// A sample that another rank cannot read: said with that rank's name, and nothing is changed.
  @Test func unreadableSamples() throws {
    let data = UnreadableData(count: 16, damaged: 11)
    let model = Model(features: 3) { Dense(1) }
    let options = Trainer.Options(batch: 16, shards: 4)
    let found = try withRanks(4) { (communicator) -> [String] in
      let trainer = try Trainer(
        model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), options: options,
        communicator: communicator)
      try trainer.attach(data)
      guard communicator.rank == 0 else {
        trainer.follow(validation: data)
        return []
      }
      defer { trainer.dismiss() }
      let before = trainer.tensorBits
      let attempts: [(Trainer) throws -> Void] = [
        { _ = try $0.step() }, { _ = try $0.evaluate(on: data) }, { _ = try $0.step() },
      ]
      return attempts.map { attempt in
        do {
          try attempt(trainer)
          return "no error"
        } catch { return trainer.tensorBits == before ? "\(error)" : "changed" }
      }
    }
    let batch = try Sampler(sampleCount: 16, batchSize: 16, seed: options.seed).batch(at: 0)
    let rank = try #require((0..<16).first { batch.sample($0) == 11 }) / 4
    let message = rank == 0 ? "sample 11 is damaged" : "rank \(rank) (host\(rank)): sample 11 is damaged"
    #expect(found == [message, "rank 2 (host2): sample 11 is damaged", message])
  }

  /// Whoever diverges, all leave the step, and say the same as one rank does.
  @Test(arguments: [1e30, 3e38])
  func divergence(learningRate: Double) throws {
    var run = Self.run()
    run.optimizer = .sgd(learningRate: learningRate, momentum: 0.9)
    try expectSame(run) { trainer in
      (0..<6).map { _ in
        do {
          return "\(try trainer.step().loss)"
        } catch {
          trainer.skip()
          return "\(error)"
        }
      }
    }
  }

  /// A rank whose weights are not those of the others is named.
  @Test func ranksAreCompared() throws {
    let errors = try withRanks(3) { (communicator) -> [String] in
      let trainer = try Self.run().trainer(threads: 1, communicator: communicator)
      if communicator.rank == 2 { trainer.parameters[0].values[3] += 1 }
      guard communicator.rank == 0 else {
        trainer.follow()
        return []
      }
      defer { trainer.dismiss() }
      do {
        try trainer.compareRanks()
        return ["no error"]
      } catch { return ["\(error)"] }
    }
    #expect(errors.first?.hasPrefix("after step 0: rank 2 (host2) has other weights") == true, "\(errors)")
    try expectSame(Self.run()) { trainer in
      _ = try Self.steps(trainer, 2)
      try trainer.compareRanks()
      return 0
    }
  }

  /// Tensors that somebody keeps are read as they are after the last step, though it has not waited for the parameters.
  @Test(arguments: [1, 2])
  func keptTensors(threads: Int) throws {
    try expectSame(Self.run(), threads: [threads]) { trainer in
      let kept = trainer.tensors
      return try (0..<3).map { _ -> [[UInt32]] in
        try trainer.step()
        return kept.map { tensor in
          var bits: [UInt32] = []
          tensor.eachPiece { bits += $0.array.map(\.bitPattern) }
          return bits
        }
      }
    }
  }

  /// A rank without the memory for what an evaluation keeps is told like one that cannot read.
  @Test func lackOfMemory() throws {
    let data = UnreadableData(count: 16, damaged: 99)
    let model = Model(features: 3) { Dense(1) }
    let found = try withRanks(2) { (communicator) -> [String] in
      let trainer = try Trainer(
        model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1),
        options: Trainer.Options(batch: 16, shards: 4),
        communicator: communicator)
      let kept = communicator.rank == 0 ? KeptOutputs(trainer.network, data.task, batch: 16) : nil
      let error = trainer.coordinator.evaluate(
        0..<16, of: data, .float32, keeping: kept, obstacle: communicator.rank == 1 ? KeptOutputs.refusal : nil)
      // What comes next finds no message of it.
      let next = trainer.coordinator.evaluate(0..<16, of: data, .float32, keeping: nil)
      return [error, next].map { $0?.description ?? "no error" }
    }
    #expect(found == ["rank 1 (host1): \(KeptOutputs.refusal)", "no error"])
  }

  /// What a rank notices is told to all with the next step.
  @Test func notices() throws {
    let noticed = try withRanks(3) { (communicator) -> [Int] in
      let trainer = try Self.run().trainer(threads: 1, communicator: communicator)
      trainer.notice = { communicator.rank == 2 ? 15 : 0 }
      guard communicator.rank == 0 else {
        trainer.follow()
        return []
      }
      defer { trainer.dismiss() }
      let before = trainer.noticed
      try trainer.step()
      return [before, trainer.noticed]
    }
    #expect(noticed == [0, 15])
  }

  /// The optimizer's slots stand once over all ranks.
  @Test func slotsStandOnce() throws {
    let parts = try withRanks(3) { (communicator) -> [Range<Int>] in
      let trainer = try Self.run().trainer(threads: 1, communicator: communicator)
      guard communicator.rank == 0 else {
        trainer.follow()
        return []
      }
      defer { trainer.dismiss() }
      _ = try Self.steps(trainer, 2)
      let slot = trainer.coordinator.optimizerSlots[0]
      let own = trainer.coordinator.ownParts
      for bucket in try #require(trainer.ranks).buckets where !own.contains(bucket) {
        #expect(slot.vector(at: bucket.lowerBound, count: bucket.count).array.allSatisfy { $0 == 0 })
      }
      return own
    }
    #expect(!parts.isEmpty)
  }

  @Test func moreRanksThanShards() throws {
    let found = try withRanks(3) { communicator in
      do {
        _ = try Self.run { $0.shards = 2 }.trainer(threads: 1, communicator: communicator)
        return ""
      } catch { return "\(error)" }
    }
    #expect(found.hasPrefix("training: found 3 ranks for 2 shards, expected at most one rank a shard"))
  }
}
