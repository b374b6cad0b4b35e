import Foundation
import LockstepKernels
import LockstepTraining
import Testing

@testable import LockstepStudies

/// What is said of the rows follows from their figures: Amdahl's law, what costs most, what would help.
@Suite struct ScalingCauseTests {
  /// Rows whose threads together take so many seconds a sample in each phase.
  private func scaling(
    _ rows: [(threads: Int, costs: [Phase: Double])], cores: Int = 64, shards: Int = 8, teams: Int? = nil,
    isWeak: Bool = false, ceilings: [Double]? = nil
  ) -> ThreadScaling {
    let rates = rows.map { Double($0.threads) / $0.costs.values.reduce(0, +) }
    let made = rows.indices.map { index in
      let (row, whole) = (rows[index], rows[index].costs.values.reduce(0, +))
      let speedUp = rates[index] / rates[0]
      return ThreadScaling.Row(
        threads: row.threads, batch: 512, shards: shards, samplesPerSecond: rates[index],
        ceiling: ceilings?[index] ?? 2 * Double(row.threads), speedUp: speedUp,
        efficiency: speedUp * Double(rows[0].threads) / Double(row.threads), teams: teams ?? row.threads,
        phases: row.costs.map { ($0.key, $0.value / whole) }, weightsDigest: "")
    }
    return ThreadScaling(
      rows: made, steps: 60, batch: 512, shards: shards, isWeak: isWeak, idealCeiling: 100, name: "run", processor: "",
      cores: cores,
      automaticThreads: 2)
  }

  /// Times made by the law itself give its share again; a second of noise on one of many hardly moves it.
  @Test(arguments: [0, 0.01, 0.2, 1]) func amdahl(share: Double) throws {
    func law(_ threads: Int, noise: Double = 1) -> (Int, [Phase: Double]) {
      let seconds = 3 * (share + (1 - share) / Double(threads)) * noise
      return (threads, [.differentiate: seconds * Double(threads)])
    }
    for counts in [[1, 2], [1, 2, 4, 8, 16], [2, 3, 12]] {
      let found = try #require(scaling(counts.map { law($0) }).unsharedShare)
      #expect(abs(found - share) < 1e-12, "\(counts)")
      // Threads beyond the cores have no part in it.
      let more = try #require(scaling(counts.map { law($0) } + [law(64, noise: 9)], cores: 16).unsharedShare)
      #expect(abs(more - share) < 1e-12, "\(counts)")
    }
    let noisy = try #require(scaling([law(1), law(2, noise: 1.02), law(4), law(8)]).unsharedShare)
    #expect(abs(noisy - share) < 0.03)
    #expect(scaling([law(1), law(8)], cores: 4).unsharedShare == nil)
    #expect(scaling([law(1), law(8)], isWeak: true).unsharedShare == nil)
  }

  /// By hand: 8 threads have taken 1 second a sample more to exchange, of 6 in all; speed is 8 · 4 / 6.
  @Test func whatHoldsItBack() throws {
    let one: [Phase: Double] = [.load: 0.5, .differentiate: 3.25, .update: 0.25]
    func with(_ costs: [Phase: Double]) -> [Phase: Double] { one.merging(costs) { $0 + $1 } }
    let exchange = scaling([(1, one), (8, with([.update: 1, .wait: 0.6, .differentiate: 0.4]))])
    #expect(exchange.subject?.threads == 8)
    let found = try #require(exchange.hindrance)
    #expect(found.cause == .exchange && abs(found.share - 1.0 / 6) < 1e-12)
    let text = exchange.sentences.joined(separator: "\n")
    #expect(
      text.hasPrefix(
        "8 threads: 5.33 × one. What holds it back: the exchange of gradients and weights, 17 % of the time. Larger batches would help"
      ), "\(text)")
    #expect(
      text.contains("training.batch_size=1024") && text.hasSuffix("threads: auto takes 2 threads of 64 cores."))

    // Three threads have 8 shards: 9 can be shared.
    let uneven = scaling([(1, one), (3, with([.wait: 1]))]).sentences.joined()
    #expect(uneven.contains("threads that wait for the slowest, 20 % of the time. 8 shards"), "\(uneven)")
    #expect(uneven.contains("training.shards=9."))
    #expect(!scaling([(1, one), (4, with([.wait: 1]))]).sentences.joined().contains("training.shards"))
    #expect(
      scaling([(1, one), (4, with([.wait: 4]))]).sentences[0].contains("50 % of the time. Either a step is small"))

    let shared = scaling([(1, one), (8, with([.differentiate: 4]))], shards: 1, teams: 1).sentences.joined()
    #expect(shared.contains("8 threads share 1 shard. More shards or larger batches would help"), "\(shared)")
    // Products alone have lost 3 of the 4 seconds.
    let products = scaling([(1, one), (8, with([.differentiate: 4]))], ceilings: [1, 2])
    #expect(products.hindrance?.cause == .products)
    #expect(scaling([(1, one), (8, with([.load: 4]))]).hindrance?.cause == .samples)

    // Nothing does; or nothing is known, where no count beyond the first has a core for each.
    let ideal = scaling([(1, one), (8, one)])
    #expect(
      ideal.hindrance == nil && ideal.sentences[0] == "8 threads: 8.00 × one, nearly all that there is to be had.")
    var silent = scaling([(1, one), (8, with([.wait: 4]))])
    for row in silent.rows.indices { silent.rows[row].phases = [] }
    #expect(silent.sentences[0] == "8 threads: 4.00 × one.")
    let beyond = scaling([(1, one), (8, one)], cores: 1)
    #expect(beyond.subject == nil && beyond.hindrance == nil)
    #expect(beyond.sentences == ["threads: auto takes 2 threads of 1 core."])
  }

  @Test func aBusyMachineIsSaidToBe() {
    let one: [Phase: Double] = [.differentiate: 1]
    let busy = scaling([(1, one), (2, one), (4, one)], ceilings: [1.5, 1.99, 3.9])
    #expect(busy.rows.map(\.isDoubtful) == [false, true, true])
    #expect(busy.sentences[0].hasPrefix("The machine was busy: on 2, 4 threads a step was faster than its ceiling"))
    // What would follow from such rows is not said.
    #expect(busy.sentences.count == 2)
    var delayed = scaling([(1, one), (2, one), (4, one)], cores: 2)
    delayed.rows[0].delay = 0.04
    #expect(!delayed.rows[0].isDoubtful && delayed.sentences[0].hasPrefix("2 threads: 2.00 × one"))
    delayed.rows[1].delay = 0.06
    #expect(
      delayed.sentences == [
        "The machine was busy: on 2 threads some were ready to run and had no core. Measure again when nothing else runs.",
        "threads: auto takes 2 threads of 2 cores.",
      ])
    #expect(!scaling([(1, one), (2, one)]).sentences.joined().contains("busy"))
    // One thread makes the steps of others that have no core: for whatever reason, if there are more than cores.
    var alone = scaling([(1, one), (2, one), (4, one)], cores: 2)
    alone.rows[2].aloneShare = 0.9
    #expect(alone.sentences.count == 4 && alone.sentences[1].hasPrefix("2 threads: 2.00 × one"))
    alone.rows[1].aloneShare = 0.5
    #expect(
      alone.sentences == [
        "One thread alone made 50 % of the steps on 2, 90 % of the steps on 4 threads: waiting for threads that have no core takes longer. No bit depends on it.",
        "threads: auto takes 2 threads of 2 cores.",
      ])
  }

  /// Threads that spin, more than there are cores, wait for one.
  @Test func threadsWithoutACoreAreSeen() {
    let before = CoreDelay.seconds
    let count = 3 * Processor.availableCores
    let threads = (0..<count).map { _ in
      Thread {
        let start = MonotonicClock.seconds()
        while MonotonicClock.seconds() < start + 0.6 {}
      }
    }
    for thread in threads { thread.start() }
    Thread.sleep(forTimeInterval: 0.4)
    // While they are there: each has had a third of a core at most.
    #expect(CoreDelay.seconds - before > 0.2)
    Thread.sleep(forTimeInterval: 1)
  }
}
