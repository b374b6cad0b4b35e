import LockstepTraining
import Testing

@testable import LockstepCommand
@testable import LockstepStudies

/// What `scale` prints: a table, its columns in words, and what they say, in 80 columns.
@Suite struct ScalingTextTests {
  static func row(
    _ threads: Int, _ rate: Double, against first: Double = 277_112, ceiling: Double, _ phases: [(Phase, Double)],
    digest: String = String(repeating: "ab", count: 32)
  ) -> ThreadScaling.Row {
    ThreadScaling.Row(
      threads: threads, batch: 512 * threads, shards: 8, samplesPerSecond: rate, ceiling: ceiling,
      speedUp: rate / first,
      efficiency: rate / first / Double(threads), teams: threads, phases: phases.map { (phase: $0.0, share: $0.1) },
      weightsDigest: digest)
  }

  static let rows = [
    row(1, 277_112, ceiling: 294_200, [(.load, 0.008), (.differentiate, 0.976), (.update, 0.015), (.account, 0.001)]),
    row(2, 501_928, ceiling: 574_863, [(.load, 0.008), (.differentiate, 0.9), (.update, 0.02), (.wait, 0.072)]),
    row(4, 480_417, ceiling: 470_000, [(.load, 0.005), (.differentiate, 0.596), (.update, 0.019), (.wait, 0.38)]),
  ]

  static func scaling(_ rows: [ThreadScaling.Row] = rows, isWeak: Bool = false) -> ThreadScaling {
    ThreadScaling(
      rows: rows, steps: 600, batch: 512, shards: 8, isWeak: isWeak, idealCeiling: 615_444, name: "quickstart",
      processor: "a",
      cores: 2, automaticThreads: 2)
  }

  @Test func figuresAndWhatTheySay() {
    let text = ScalingText(columns: 80, table: nil).of(Self.scaling())
    #expect(
      text == """
        quickstart: 600 steps of 512 samples in 8 shards, best of 3 turns

        threads  samples/s  speed-up  of ideal  of ceiling  data  layers  update  wait
        ───────  ─────────  ────────  ────────  ──────────  ────  ──────  ──────  ────
              1    277 112    1.00 ×     100 %        94 %   1 %    98 %     2 %   0 %
              2    501 928    1.81 ×      91 %        87 %   1 %    90 %     2 %   7 %
            4 +    480 417    1.73 ×      43 %     ! 102 %   0 %    60 %     2 %  38 %

        speed-up     against 1 thread
        of ideal     growth in samples/s over the growth in threads
        of ceiling   samples/s against those of the step's matrix products alone
        data … wait  where the threads' time goes: writing samples; forward and backward
                     pass; exchange of gradients, optimizer and statistics; waiting for
                     the slowest
        +            more threads than the 2 cores that this process may use: they take
                     turns
        !            not to be relied on: the machine was busy

        The machine was busy: on 4 threads a step was faster than its ceiling. Measure
        again when nothing else runs.
        2 threads: 1.81 × one. What holds it back: threads that wait for the slowest,
        7 % of the time. Larger batches would help, as waits are rarer:
        training.batch_size=1024.
        10.4 % of a step cannot be shared (Amdahl's law, fitted to 1, 2 threads): on
        however many threads, a step is at most 9.6 × as fast.
        threads: auto takes 2 threads of 2 cores.

        same bits on every row:
        weights digest \(String(repeating: "ab", count: 32))
        """, "\(text)")
  }

  @Test func growingBatches() {
    let text = ScalingText(columns: 80, table: nil).of(Self.scaling(isWeak: true))
    #expect(
      text.hasPrefix(
        """
        quickstart: 600 steps of 512 samples in 8 shards for every thread, best of 3
        turns

        threads  samples/s  batch  of ideal  of ceiling  data  layers  update  wait
        ───────  ─────────  ─────  ────────  ──────────  ────  ──────  ──────  ────
              1    277 112    512     100 %        94 %   1 %    98 %     2 %   0 %
              2    501 928  1 024      91 %        87 %   1 %    90 %     2 %   7 %

        """.dropLast()), "\(text)")
    #expect(text.contains("other batches on every row, so other bits:\n1: abab") && !text.contains("Amdahl"), "\(text)")
  }

  /// Rates in millions, many threads, narrow terminals: never wider than there is room.
  @Test func nothingIsWider() {
    let large = [1, 128].map { Self.row($0, 98_765_432.1, ceiling: 9e7, [(.differentiate, 1)]) }
    for (rows, columns) in [(large, 80), (Self.rows, 80), (Self.rows, 60), (Self.rows, 40)] {
      let text = ScalingText(columns: columns, table: columns).of(Self.scaling(rows))
      for line in text.split(separator: "\n") where !line.contains("abab") {
        #expect(line.count <= columns, "\(line)")
      }
    }
    let one = Self.scaling([Self.rows[0]])
    #expect(!ScalingText(columns: 80, table: nil).of(one).contains("!"))
    let different = Self.scaling([Self.rows[0], Self.row(2, 5, ceiling: 6, [(.wait, 1)], digest: "cd")])
    #expect(ScalingText(columns: 80, table: nil).of(different).contains("DIFFERENT BITS:"))
  }
}
