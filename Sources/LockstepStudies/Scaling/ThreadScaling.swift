import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// How fast training is on several thread counts, each beside the speed of its matrix products alone.
///
/// All counts train the same steps. They take turns, so that a machine that slows down for a while slows all of them;
/// every figure is the best of several turns.
public struct ThreadScaling: Sendable {
  /// What was measured on one thread count.
  public struct Row: Sendable, Equatable {
    /// Number of threads.
    public var threads: Int
    /// Training samples a second.
    public var samplesPerSecond: Double
    /// Samples a second of the matrix products alone, on as many threads and shards.
    public var ceiling: Double
    /// `samplesPerSecond` over that of the row with the fewest threads.
    public var speedUp: Double
    /// `speedUp` over the ratio of the threads to those of that row; 1 is ideal.
    public var efficiency: Double
    /// Share of the workers' time in each phase of a step.
    public var phases: [(phase: Phase, share: Double)]
    /// SHA-256 of the trained tensors' bytes; see `weightsDigest(of:)`.
    public var weightsDigest: String

    /// `samplesPerSecond` over `ceiling`.
    public var ceilingShare: Double { samplesPerSecond / ceiling }

    /// Whether threads, speed, ceiling and digest are equal.
    public static func == (a: Row, b: Row) -> Bool {
      a.threads == b.threads && a.samplesPerSecond == b.samplesPerSecond && a.ceiling == b.ceiling
        && a.weightsDigest == b.weightsDigest
    }
  }

  /// A row for each thread count, in the order in which they were asked for.
  public var rows: [Row]
  /// The fewest threads of any row, to which speed-up and efficiency refer.
  public var reference: Int { rows.map(\.threads).min() ?? 1 }
  /// Steps that each count has trained.
  public var steps: Int
  /// Rows of a step.
  public var batch: Int
  /// Shards of the batch.
  public var shards: Int
  /// Samples a second of the matrix products alone with one shard a thread, on the most threads: the ceiling that speed
  /// goals are measured against.
  public var idealCeiling: Double
  /// Whether all thread counts have come to the same bits.
  public var digestsAgree: Bool { Set(rows.map(\.weightsDigest)).count <= 1 }

  /// How often each count is measured; the best is taken.
  private static let turns = 3
  private static let warmUp = 5

  /// Trains a configuration on each thread count, several turns each. Nothing is written.
  ///
  /// - Parameters:
  ///   - threads: the counts to compare.
  ///   - steps: how many steps each count trains, warm-up included.
  ///   - observe: is called with a line of text before each measurement.
  /// - Throws: `RunError` where the configuration cannot work on one of the counts, or numbers diverge.
  public static func measure(
    _ configuration: RunConfiguration, threads: [Int], steps: Int, observe: (String) -> Void = { _ in }
  ) throws(RunError) -> ThreadScaling {
    try measure(RunSetup(configuration), threads: threads, steps: steps, observe: observe)
  }

  package static func measure(
    _ setup: RunSetup, threads: [Int], steps: Int, observe: (String) -> Void = { _ in }
  ) throws(RunError) -> ThreadScaling {
    let configuration = setup.configuration
    let shards = configuration.training.shards
    for count in threads where !(1...128).contains(count) {
      throw .input("--threads \(count): expected 1 … 128")
    }
    guard !threads.isEmpty, Set(threads).count == threads.count else {
      throw .input("--threads: expected counts that differ, such as 1,2,4")
    }
    guard steps >= turns + warmUp else {
      throw .input("--steps \(steps): expected at least \(turns + warmUp), of which \(warmUp) warm up")
    }
    guard steps <= configuration.totalSteps else {
      throw .input(
        "--steps \(steps): the configured length is \(configuration.totalSteps) steps; set it by --set training.steps=\(steps)"
      )
    }
    var contestants: [Contestant] = []
    // One ceiling at a time has memory, less than a trainer's.
    try setup.checkMemory(for: .networks(threads.count + 1))
    for count in threads {
      observe("warming up \(count) thread\(count == 1 ? "" : "s")")
      let trainer = try setup.initialTrainer(for: nil, threads: .count(count)).trainer
      contestants.append(Contestant(trainer: trainer))
      try contestants[contestants.count - 1].train(warmUp)
      contestants[contestants.count - 1].forgetWarmUp()
    }
    let batch = configuration.training.batchSize
    let most = min(threads.max() ?? 1, Processor.availableCores, batch)
    var idealCeiling = 0.0
    for turn in 0..<turns {
      let share = (steps - warmUp) * (turn + 1) / turns - (steps - warmUp) * turn / turns
      for index in contestants.indices {
        observe("turn \(turn + 1) of \(turns), \(threads[index]) thread\(threads[index] == 1 ? "" : "s")")
        try contestants[index].takeTurn(share)
      }
      let reached = try asInput { [network = contestants[0].trainer.network] () throws(TrainingError) in
        try MatmulCeiling(
          network, batch: batch, shards: most, TeamPlan(workers: most, shards: most, teams: most)
        ).measure(seconds: 0.2)
      }
      idealCeiling = max(idealCeiling, reached)
    }
    return ThreadScaling(
      rows: rows(contestants), steps: steps, batch: batch, shards: shards,
      idealCeiling: idealCeiling)
  }

  private static func rows(_ contestants: [Contestant]) -> [Row] {
    guard let first = contestants.min(by: { $0.trainer.threads < $1.trainer.threads }) else { return [] }
    return contestants.map { contestant in
      let speedUp = contestant.best / first.best
      return Row(
        threads: contestant.trainer.threads, samplesPerSecond: contestant.best, ceiling: contestant.bestCeiling,
        speedUp: speedUp, efficiency: speedUp * Double(first.trainer.threads) / Double(contestant.trainer.threads),
        phases: contestant.phases, weightsDigest: weightsDigest(of: contestant.trainer.tensors))
    }
  }
}

/// One thread count in the comparison.
private struct Contestant {
  let trainer: Trainer
  var best = 0.0
  var bestCeiling = 0.0
  private var warmUpSeconds: [Double] = []

  init(trainer: Trainer) { self.trainer = trainer }

  func train(_ steps: Int) throws(RunError) {
    try asFailure { () throws(TrainingError) in
      for _ in 0..<steps { try trainer.step() }
    }
  }

  mutating func forgetWarmUp() { warmUpSeconds = trainer.phaseSeconds.map(\.seconds) }

  /// The first of several steps wakes the workers and is not measured.
  mutating func takeTurn(_ steps: Int) throws(RunError) {
    let lead = steps > 1 ? 1 : 0
    let idle = trainer.phaseSeconds.map(\.seconds)
    try train(lead)
    for (phase, now) in trainer.phaseSeconds.enumerated() { warmUpSeconds[phase] += now.seconds - idle[phase] }
    let before = (
      samples: trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0, time: MonotonicClock.seconds()
    )
    try train(steps - lead)
    let seconds = MonotonicClock.seconds() - before.time
    let samples = (trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0) - before.samples
    if steps > 0 { best = max(best, Double(samples) / seconds) }
    let reached = try asInput { () throws(TrainingError) in
      try MatmulCeiling(of: trainer).measure(seconds: min(0.5, max(0.05, seconds / 2)))
    }
    bestCeiling = max(bestCeiling, reached)
  }

  var phases: [(phase: Phase, share: Double)] {
    let spent = zip(trainer.phaseSeconds, warmUpSeconds).map { ($0.phase, $0.seconds - $1) }
    let total = spent.reduce(0) { $0 + $1.1 }
    return spent.map { ($0.0, total > 0 ? $0.1 / total : 0) }
  }
}

extension ThreadScaling {
  /// The figures as `lockstep scale --json` writes them.
  public var json: JSONObject {
    [
      "reference_threads": .integer(reference), "steps": .integer(steps), "batch": .integer(batch),
      "shards": .integer(shards),
      "ideal_ceiling_samples_per_second": .number(idealCeiling),
      "digests_agree": .bool(digestsAgree),
      "rows": .array(
        rows.map { row in
          var phases: JSONObject = [:]
          for (phase, share) in row.phases { phases[phase.name] = .number(share) }
          return [
            "threads": .integer(row.threads), "samples_per_second": .number(row.samplesPerSecond),
            "speed_up": .number(row.speedUp),
            "efficiency": .number(row.efficiency), "ceiling_samples_per_second": .number(row.ceiling),
            "ceiling_share": .number(row.ceilingShare),
            "ideal_ceiling_share": .number(row.samplesPerSecond / idealCeiling),
            "phases": .object(phases), "weights_digest": .string(row.weightsDigest),
          ]
        }),
    ]
  }
}
