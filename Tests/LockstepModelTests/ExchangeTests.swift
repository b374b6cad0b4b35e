import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// Every worker reads the same from its end of the exchange, whoever owns which shard.
@Suite struct ExchangeTests {
  private static let model = Model(features: 3, Dense(4), BatchNorm(), Dense(2), BatchNorm(statistics: .batch))

  private func trial(shards: Int, workers: Int) throws -> NetworkTrial {
    try NetworkTrial(Self.model, rows: 2 * shards, shards: shards, workers: workers)
  }

  /// Sums over shards run along the tree, and the first shard is found first.
  @Test(arguments: [1, 2, 5, 8])
  func lossesAreSummedAlongTheTree(shards: Int) throws {
    for workers in 1...shards {
      let exchanges = try trial(shards: shards, workers: workers).workspace.exchanges
      // Doubles whose sum depends on the order.
      let losses = (0..<shards).map { $0 % 2 == 0 ? 1e16 : 1 + Double($0) }
      let values = Slots(repeating: 0.0, count: shards + 1)
      for (shard, loss) in losses.enumerated() {
        let owner = exchanges[min(workers - 1, shard * workers / shards)]
        var sums = LossSums()
        sums.loss = loss
        owner.note(sums, of: shard)
        values[shard + 1] = loss
      }
      let expected = Tree.sum(0..<shards) { losses[$0] }
      for exchange in exchanges {
        #expect(exchange.sums.loss == expected && exchange.firstNonFiniteLoss == nil)
        #expect(exchange.sum(overShards: values, from: 1) == expected)
      }
      var broken = LossSums()
      broken.loss = .nan
      for shard in (shards / 2..<shards).reversed() { exchanges[0].note(broken, of: shard) }
      #expect(exchanges.allSatisfy { $0.firstNonFiniteLoss == shards / 2 })
    }
  }

  /// Everything is somebody's turn, once.
  @Test(arguments: 1...5)
  func turnsGoRound(workers: Int) throws {
    let exchanges = try trial(shards: 5, workers: workers).workspace.exchanges
    #expect(exchanges.map(\.worker) == Array(0..<workers) && exchanges.allSatisfy { $0.workers == workers })
    for count in [0, 1, 4, 11] {
      #expect(exchanges.flatMap { Array($0.turns(of: count)) }.sorted() == Array(0..<count))
    }
  }

  private struct Digits: WorkerNote {
    var number = 0

    static func combine(_ a: Digits, _ b: Digits) -> Digits { Digits(number: 10 * a.number + b.number) }
  }

  /// The smaller counts, and anything more than nothing.
  @Test func firstNotes() {
    let (none, two, five) = (FirstNote<Int>(), FirstNote(2), FirstNote(5))
    for (a, b, first) in [(none, none, nil), (none, two, 2), (two, five, 2), (two, two, 2)] as [(_, _, Int?)] {
      #expect(FirstNote.combine(a, b).value == first && FirstNote.combine(b, a).value == first)
    }
  }

  /// What workers have noted is combined in their order, and the norm is that of all blocks.
  @Test(arguments: [1, 2, 4])
  func workersAreCombined(workers: Int) throws {
    let trial = try trial(shards: 4, workers: workers)
    let exchanges = trial.workspace.exchanges
    let numbers = WorkerNotes(repeating: Digits(), workers: workers, nil)
    for worker in 0..<workers { numbers[worker] = Digits(number: worker + 1) }
    trial.load(features: (0..<24).map { Float($0 * $0 % 7) }, targets: (0..<16).map(Float.init))
    _ = trial.differentiate()
    for exchange in exchanges {
      let layout = trial.network.parameters
      exchange.reduceWithSquares(layout.slice(of: exchange.worker, workers: workers))
      exchange.noteMagnitudes(of: trial.workspace.workers[exchange.worker])
      exchange.noteNonFiniteStatistics(of: trial.network)
    }
    let norm = exchanges[0].gradientNorm
    #expect(norm > 0 && exchanges[0].isCertainlyFinite)
    for exchange in exchanges {
      #expect(numbers.combined.number == [1, 12, 0, 1234][workers - 1])
      #expect(exchange.gradientNorm == norm && exchange.firstNonFiniteNorm == nil)
      #expect(exchange.largestSummedGradient == exchanges[0].largestSummedGradient)
    }
  }
}
