import LockstepData
import SampleSupport
import Testing

@Suite struct EpochOrderTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 64, 65, 97, 256, 257, 1000, 4096, 4097, 65_537, 100_000])
  func everySampleIsVisitedOnce(count: Int) {
    for epoch in 0..<3 {
      let order = EpochOrder(count: count, seed: 7, epoch: epoch)
      var visits = [Int](repeating: 0, count: count)
      for position in 0..<count { visits[order.sample(at: position)] += 1 }
      #expect(visits.allSatisfy { $0 == 1 }, "epoch \(epoch)")
    }
  }

  @Test(arguments: [1, 2, 7, 8, 9, 100, 1003])
  func manyPositionsAtOnceAreTheSame(count: Int) {
    let order = EpochOrder(count: count, seed: 3, epoch: 1)
    for (first, last) in [(0, count), (count / 3, count), (count / 2, count / 2), (0, count / 2)] {
      var samples = [Int](repeating: -1, count: last - first + 1)
      var span = samples.mutableSpan
      order.samples(at: first..<last, into: &span)
      #expect(samples == (first..<last).map { order.sample(at: $0) } + [-1])
    }
  }

  @Test func seedsAndEpochsDiffer() {
    let count = 1000
    let orders = [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)].map { (seed: UInt64, epoch: Int) in
      let order = EpochOrder(count: count, seed: seed, epoch: epoch)
      return (0..<count).map { order.sample(at: $0) }
    }
    for (i, a) in orders.enumerated() {
      for b in orders[(i + 1)...] {
        // Two random permutations agree in one position on average.
        #expect(zip(a, b).filter { $0 == $1 }.count < 12)
      }
    }
  }

  /// Every permutation of a tiny set comes equally often.
  @Test(arguments: [2, 3, 4, 5])
  func tinySetsTakeEveryOrder(count: Int) {
    let permutations = (1...count).reduce(1, *)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<permutations * 400 {
      let order = EpochOrder(count: count, seed: 11, epoch: epoch)
      counts[(0..<count).map { order.sample(at: $0) }, default: 0] += 1
    }
    #expect(counts.count == permutations)
    #expect(chiSquare(Array(counts.values)) < chiSquareBound(permutations - 1))
  }

  @Test(arguments: [10, 64, 300])
  func aPositionGoesAnywhere(count: Int) {
    for position in [0, 1, count / 2, count - 1] {
      var counts = [Int](repeating: 0, count: count)
      for epoch in 0..<count * 50 { counts[EpochOrder(count: count, seed: 5, epoch: epoch).sample(at: position)] += 1 }
      #expect(chiSquare(counts) < chiSquareBound(count - 1), "position \(position)")
    }
  }

  /// Where neighbours go relative to each other: any distance equally often.
  @Test func neighboursPart() {
    let count = 100_003
    var steps = [Int](repeating: 0, count: 64)
    var adjacent = 0
    for seed in 0..<5 as Range<UInt64> {
      let order = EpochOrder(count: count, seed: seed, epoch: 0)
      var samples = [Int](repeating: 0, count: count)
      var span = samples.mutableSpan
      order.samples(at: 0..<count, into: &span)
      for i in 1..<count {
        let step = (samples[i] - samples[i - 1] + count) % count
        steps[step * 64 / count] += 1
        if step == 1 || step == count - 1 { adjacent += 1 }
      }
    }
    #expect(chiSquare(steps) < chiSquareBound(63))
    // Two an order on average.
    #expect(adjacent < 35)
  }

  @Test(arguments: [1 << 32, 1 << 40, (1 << 40) - 12_345, EpochOrder.maximumCount])
  func hugeSetsNeedNoMemory(count: Int) {
    let order = EpochOrder(count: count, seed: 1, epoch: 0)
    var seen = Set<Int>()
    var buckets = [Int](repeating: 0, count: 64)
    var last = [Int](repeating: 0, count: 64)
    for i in 0..<20_000 {
      let position = i % 2 == 0 ? i : count - 1 - i * (count / 40_000)
      let sample = order.sample(at: position)
      #expect(sample >= 0 && sample < count)
      seen.insert(sample)
      buckets[Int(Double(sample) / Double(count) * 64)] += 1
      last[sample % 61] += 1
    }
    #expect(seen.count == 20_000)
    #expect(chiSquare(buckets) < chiSquareBound(63))
    #expect(chiSquare(Array(last[0..<61])) < chiSquareBound(60))
  }
}
