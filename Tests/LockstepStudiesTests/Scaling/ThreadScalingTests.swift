import RunSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// What `scale` says of its rows follows from their speeds: against the row of the fewest threads, whichever comes
/// first.
@Suite struct ThreadScalingTests {
  @Test(arguments: [[1, 2, 4], [2, 4], [2, 3, 1], [4, 1]])
  func efficiency(threads: [Int]) throws {
    let scaling = try ThreadScaling.measure(tinyRun(), threads: threads, steps: 12)
    #expect(scaling.rows.map(\.threads) == threads && scaling.digestsAgree)
    let fewest = try #require(threads.min())
    let first = try #require(scaling.rows.first { $0.threads == fewest })
    #expect(scaling.reference == fewest && scaling.json["reference_threads"]?.integer == fewest)
    #expect(first.speedUp == 1 && first.efficiency == 1)
    for row in scaling.rows {
      let speedUp = row.samplesPerSecond / first.samplesPerSecond
      #expect(abs(row.speedUp - speedUp) <= 1e-12 * speedUp)
      // Twice the speed on four threads in the place of two is all there is to be had.
      let efficiency = speedUp * Double(fewest) / Double(row.threads)
      #expect(abs(row.efficiency - efficiency) <= 1e-12 * efficiency)
      #expect(row.ceilingShare == row.samplesPerSecond / row.ceiling)
    }
    let json = try #require(scaling.json["rows"]?.array).compactMap(\.object)
    #expect(json.map { $0["efficiency"]?.number } == scaling.rows.map(\.efficiency))
    #expect(json.map { $0["speed_up"]?.number } == scaling.rows.map(\.speedUp))
  }

  /// Threads beyond the shards share them, and every ceiling is theirs.
  @Test func threadsBeyondTheShards() throws {
    let scaling = try ThreadScaling.measure(
      tinyRun("training.shards=2", "training.batch_size=33"), threads: [1, 5], steps: 12)
    #expect(scaling.digestsAgree && scaling.rows.allSatisfy { $0.ceiling > 0 && $0.samplesPerSecond > 0 })
  }
}
