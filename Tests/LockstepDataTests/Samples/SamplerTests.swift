import LockstepData
import LockstepKernels
import Testing

@Suite struct SamplerTests {
  @Test(arguments: [(10, 4), (12, 4), (1, 1), (1, 5), (7, 7), (7, 100), (1000, 33)])
  func anEpochVisitsEverySampleOnce(samples: Int, batch: Int) throws {
    let sampler = try Sampler(sampleCount: samples, batchSize: batch, seed: 3)
    #expect(sampler.stepsPerEpoch == (samples + batch - 1) / batch)
    for epoch in 0..<3 {
      var visits = [Int](repeating: 0, count: samples)
      for step in epoch * sampler.stepsPerEpoch..<(epoch + 1) * sampler.stepsPerEpoch {
        #expect(sampler.epoch(of: step) == epoch)
        for row in 0..<sampler.rows(of: step) { visits[sampler.sample(step, row: row)] += 1 }
      }
      #expect(visits.allSatisfy { $0 == 1 })
    }
  }

  @Test func theLastBatchIsUnevenOrDropped() throws {
    let all = try Sampler(sampleCount: 10, batchSize: 4, seed: 1)
    #expect(all.stepsPerEpoch == 3)
    #expect((0..<7).map { all.rows(of: $0) } == [4, 4, 2, 4, 4, 2, 4])
    #expect((0..<7).map { all.position(of: $0) } == [0, 4, 8, 0, 4, 8, 0])
    #expect((0..<7).map { all.samplesSeen(before: $0) } == [0, 4, 8, 10, 14, 18, 20])
    #expect(all.rowsOfLastBatch == 2)

    let whole = try Sampler(sampleCount: 10, batchSize: 4, dropLast: true, seed: 1)
    #expect(whole.stepsPerEpoch == 2)
    #expect((0..<5).map { whole.rows(of: $0) } == [4, 4, 4, 4, 4])
    #expect((0..<5).map { whole.samplesSeen(before: $0) } == [0, 4, 8, 12, 16])
    #expect(whole.rowsOfLastBatch == 4)
    // The same order, cut short.
    #expect((0..<4).map { whole.sample(1, row: $0) } == (0..<4).map { all.sample(1, row: $0) })
  }

  @Test func aBatchIsItsRows() throws {
    let sampler = try Sampler(sampleCount: 103, batchSize: 20, seed: 9)
    for step in [0, 5, 6, 11] {
      let batch = sampler.batch(at: step)
      #expect(batch.step == step && batch.epoch == sampler.epoch(of: step))
      #expect(batch.rows == sampler.rows(of: step) && batch.position == sampler.position(of: step))
      var samples = [Int](repeating: -1, count: batch.rows)
      for shard in 0..<3 {
        let rows = Shard.rows(shard, of: 3, batch: batch.rows)
        var part = [Int](repeating: -1, count: rows.count)
        var span = part.mutableSpan
        batch.samples(rows, into: &span)
        samples.replaceSubrange(rows, with: part)
        let slots = Slots(repeating: -1, count: rows.count + 1)
        batch.samples(rows, into: slots)
        #expect((0...rows.count).map { slots[$0] } == part + [-1])
      }
      #expect(samples == (0..<batch.rows).map { sampler.sample(step, row: $0) })
    }
  }

  @Test func stepsAreSixtyFourBits() throws {
    let sampler = try Sampler(sampleCount: 10, batchSize: 4, seed: 1)
    let step = 3 * (1 << 40) + 1
    #expect(sampler.epoch(of: step) == 1 << 40)
    #expect(sampler.position(of: step) == 4)
    let order = EpochOrder(count: 10, seed: 1, epoch: 1 << 40)
    #expect((0..<4).map { sampler.sample(step, row: $0) } == (4..<8).map { order.sample(at: $0) })
    // Epochs that agree in their lower 32 bits are not the same.
    let far = try Sampler(sampleCount: 1000, batchSize: 1000, seed: 1)
    let rows = 0..<1000
    #expect(rows.map { far.sample(1 << 32, row: $0) } != rows.map { far.sample(0, row: $0) })
  }

  @Test func seedsDiffer() throws {
    let rows = 0..<100
    let first = try Sampler(sampleCount: 100, batchSize: 100, seed: 1)
    let second = try Sampler(sampleCount: 100, batchSize: 100, seed: 1 << 32 | 1)
    #expect(rows.map { first.sample(0, row: $0) } != rows.map { second.sample(0, row: $0) })
    #expect(try first == Sampler(sampleCount: 100, batchSize: 100, seed: 1))
    #expect(first != second)
  }

  @Test func impossibleBatchesAreErrors() {
    #expect(throws: DatasetError.self) { try Sampler(sampleCount: 0, batchSize: 1, seed: 1) }
    #expect(throws: DatasetError.self) { try Sampler(sampleCount: -5, batchSize: 1, seed: 1) }
    #expect(throws: DatasetError.self) { try Sampler(sampleCount: 10, batchSize: 0, seed: 1) }
    #expect(throws: DatasetError.self) { try Sampler(sampleCount: .max, batchSize: 1, seed: 1) }
    let error = #expect(throws: DatasetError.self) {
      try Sampler(sampleCount: 10, batchSize: 11, dropLast: true, seed: 1)
    }
    #expect(error?.description.contains("drop_last") == true)
  }
}

@Suite struct ShardTests {
  @Test(arguments: [1, 2, 3, 5, 8, 13], [0, 1, 7, 8, 9, 64, 1000])
  func shardsTileTheBatch(shards: Int, batch: Int) {
    let ranges = (0..<shards).map { Shard.rows($0, of: shards, batch: batch) }
    #expect(ranges.flatMap { Array($0) } == Array(0..<batch))
    for (k, range) in ranges.enumerated() {
      #expect(range == k * batch / shards..<(k + 1) * batch / shards)
    }
    #expect(ranges.map(\.count).min() == Shard.fewestRows(of: shards, batch: batch))
  }

  @Test(arguments: [1, 2, 3, 5, 8], [1, 2, 3, 4, 5, 8, 11])
  func workersTileTheShards(shards: Int, workers: Int) {
    let runs = (0..<workers).map { Shard.owned(by: $0, of: workers, shards: shards) }
    #expect(runs.flatMap { Array($0) } == Array(0..<shards))
    for (w, run) in runs.enumerated() { #expect(run == w * shards / workers..<(w + 1) * shards / workers) }
  }

  @Test func productsBeyondSixtyFourBits() {
    #expect(Shard.rows(1, of: 3, batch: .max) == .max / 3..<Int((UInt(Int.max) * 2) / 3))
    #expect(Shard.rows(999, of: 1000, batch: .max).upperBound == .max)
  }
}
