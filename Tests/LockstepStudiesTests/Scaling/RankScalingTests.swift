import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// Speed over layouts of ranks, and what is said of the messages between them.
@Suite struct RankScalingTests {
  private static func row(_ ranks: Int, _ threads: Int, _ rate: Double, digest: String = "d") -> RankScaling.Row {
    let messages = RankScaling.Messages(
      bytes: 2_020_000, plannedBytes: 2_000_000, exchangeSeconds: 3e-3, waitedSeconds: 1.2e-3, latency: 5e-6,
      secondsPerByte: 1e-9)
    return RankScaling.Row(
      ranks: ranks, threads: threads, machines: 1, samplesPerSecond: rate,
      phases: [(.differentiate, 0.75), (.update, 0.05), (.communicate, 0.2)], messages: ranks > 1 ? messages : nil,
      weightsDigest: digest)
  }

  private static func scaling(_ rows: [RankScaling.Row]) -> RankScaling {
    RankScaling(rows: rows, steps: 60, batch: 512, shards: 8, name: "run", processor: "one")
  }

  /// Against the fewest threads of all ranks together, wherever they stand.
  @Test func speedAndEfficiency() {
    let scaling = Self.scaling([Self.row(4, 2, 600), Self.row(1, 1, 100), Self.row(2, 1, 180)])
    #expect(scaling.rows.map(scaling.speedUp) == [6, 1, 1.8])
    #expect(scaling.rows.map(scaling.efficiency) == [0.75, 1, 0.9])
    #expect(scaling.cells[0].prefix(5) == ["4", "2", "600", "6.00 ×", "75 %"])
    #expect(scaling.bits.verdict == "same bits on every row" && scaling.digestsAgree)
    let broken = Self.scaling([Self.row(1, 1, 1), Self.row(2, 1, 2, digest: "other")])
    #expect(!broken.digestsAgree && broken.bits.verdict == "DIFFERENT BITS")
    #expect(broken.bits.digests == ["1 rank of 1 thread: d", "2 ranks of 1 thread: other"])
  }

  /// By hand: two messages of 5 µs and 2,020,000 bytes of 1 ns; 1.2 of 3 ms are waited for.
  @Test func model() throws {
    let scaling = Self.scaling([Self.row(1, 1, 100), Self.row(2, 1, 180)])
    let messages = try #require(scaling.rows[1].messages)
    #expect(abs(messages.modelledSeconds - 2.03e-3) < 1e-12 && abs(messages.hiddenShare - 0.6) < 1e-12)
    #expect(
      scaling.sentences == [
        "2 ranks of 1 thread on 1 machine: a message takes 5.00 µs, bytes go at 1.00 GB/s, by which those of a step take 2.03 ms; measured, 3.00 ms. Rank 0 sends 1.010 × the bytes of the formula."
      ])
    #expect(scaling.cells.map { $0.suffix(3) } == [["", "", ""], ["1.93 MiB", "3.00 ms", "60 %"]])
    var slower = messages
    slower.waitedSeconds = 9
    #expect(slower.hiddenShare == 0)
  }

  /// What one process measures another one reads.
  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryFolder { folder in
      let scaling = Self.scaling([Self.row(1, 1, 100), Self.row(2, 3, 180)])
      try JSONFile.write(scaling.json, to: "\(folder)/one.json")
      let read = try RankScaling(file: "\(folder)/one.json")
      #expect(read.json == scaling.json && read.cells == scaling.cells && read.sentences == scaling.sentences)
      try JSONFile.write(["steps": .integer(3)], to: "\(folder)/other.json")
      for file in ["other.json", "none.json"] {
        #expect(throws: RunError.self) { try RankScaling(file: "\(folder)/\(file)") }
      }
    }
  }

  /// Ranks that are threads: all come to the bits of one, what is sent is what the formula says but for orders and
  /// outcomes, and measuring changes no bit.
  @Test(arguments: [1, 2, 3])
  func measured(ranks: Int) throws {
    let expected = try RankScaling.measure(RunSetup(tinyRun()), steps: 12).rows[0]
    #expect(expected.ranks == 1 && expected.messages == nil && expected.phases.allSatisfy { $0.phase != .communicate })
    if ranks == 1 { return }
    let rows = try withRanks(ranks) { communicator -> [RankScaling.Row] in
      var setup = try RunSetup(tinyRun())
      setup.cluster = Cluster(communicator)
      guard communicator.rank == 0 else {
        _ = try setup.follow(StopRequest())
        return []
      }
      defer { setup.cluster?.end(status: 0) }
      return try RankScaling.measure(setup, steps: 12).rows
    }
    let row = try #require(rows.first)
    #expect(row.ranks == ranks && row.weightsDigest == expected.weightsDigest && row.samplesPerSecond > 0)
    let messages = try #require(row.messages)
    #expect(messages.bytes > Double(messages.plannedBytes) && messages.bytes < Double(messages.plannedBytes) + 4096)
    #expect(messages.plannedBytes > 0 && messages.exchangeSeconds > 0 && messages.latency > 0)
    #expect(row.phases.contains { $0.phase == .communicate && $0.share > 0 })
  }

  @Test(arguments: [(7, "--steps 7: expected at least 8"), (1_000_000, "--steps 1000000: the configured length is")])
  func tooFewOrTooManySteps(steps: Int, problem: String) throws {
    let error = #expect(throws: RunError.self) { try RankScaling.measure(RunSetup(tinyRun()), steps: steps) }
    #expect("\(try #require(error))".hasPrefix(problem), "\(error.map { "\($0)" } ?? "")")
  }
}
