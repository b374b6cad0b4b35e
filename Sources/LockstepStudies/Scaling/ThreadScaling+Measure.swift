import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension ThreadScaling {
  /// How often each count is measured; the best is taken.
  private static let turns = 3
  private static let warmUp = 5

  /// Trains a configuration on each thread count, several turns each. Nothing is written.
  ///
  /// - Parameters:
  ///   - threads: the counts to compare.
  ///   - steps: how many steps each count trains, warm-up included.
  ///   - isWeak: whether the configured batch and its shards are those of the fewest threads, and grow as threads do.
  ///   - observe: is called with a line of text before each measurement.
  /// - Throws: `RunError` where the configuration cannot work on one of the counts, or numbers diverge.
  public static func measure(
    _ configuration: RunConfiguration, threads: [Int], steps: Int, isWeak: Bool = false,
    observe: (String) -> Void = { _ in }
  ) throws(RunError) -> ThreadScaling {
    try measure(RunSetup(configuration), threads: threads, steps: steps, isWeak: isWeak, observe: observe)
  }

  package static func measure(
    _ setup: RunSetup, threads: [Int], steps: Int, isWeak: Bool = false, observe: (String) -> Void = { _ in }
  ) throws(RunError) -> ThreadScaling {
    let configuration = setup.configuration
    for count in threads where !(1...128).contains(count) {
      throw .input("--threads \(count): expected 1 … 128")
    }
    guard let fewest = threads.min(), let most = threads.max(), Set(threads).count == threads.count else {
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
    func sized(for count: Int) throws(RunError) -> RunSetup {
      isWeak ? try setup.growing(by: count, over: fewest) : setup
    }
    // One ceiling at a time has memory, less than a trainer's.
    try sized(for: most).checkMemory(for: .networks(threads.count + 1))
    for count in threads {
      observe("warming up \(words(count))")
      let sized = try sized(for: count)
      let trainer = try sized.initialTrainer(for: nil, threads: .count(count)).trainer
      contestants.append(Contestant(trainer: trainer))
      try contestants[contestants.count - 1].train(warmUp)
      contestants[contestants.count - 1].forgetWarmUp()
    }
    let automatic = TeamPlan(
      for: contestants[0].trainer.network, rows: configuration.training.batchSize,
      shards: configuration.training.shards, threads: .auto, slots: configuration.optimizer.slots.count)
    let largest = contestants.map(\.trainer.options.batch).max() ?? 1
    let workers = min(most, Processor.availableCores, largest)
    // As much of the batch in memory at a time as the trainers have.
    let parts = min(contestants.map(\.trainer.microBatches).min() ?? 1, largest / workers)
    var idealCeiling = 0.0
    for turn in 0..<turns {
      let share = (steps - warmUp) * (turn + 1) / turns - (steps - warmUp) * turn / turns
      for index in contestants.indices {
        observe("turn \(turn + 1) of \(turns), \(words(threads[index]))")
        try contestants[index].takeTurn(share)
      }
      let reached = try asInput { [network = contestants[0].trainer.network] () throws(TrainingError) in
        try MatmulCeiling(
          network, batch: largest, shards: workers * parts,
          TeamPlan(workers: workers, shards: workers * parts, teams: workers), microBatches: parts,
          precision: configuration.training.precision
        ).measure(seconds: 0.2)
      }
      idealCeiling = max(idealCeiling, reached)
    }
    return ThreadScaling(
      rows: rows(contestants), steps: steps, batch: configuration.training.batchSize,
      shards: configuration.training.shards, isWeak: isWeak, idealCeiling: idealCeiling, name: configuration.name,
      processor: Processor.modelName,
      cores: Processor.availableCores, automaticThreads: automatic.workers)
  }

  private static func rows(_ contestants: [Contestant]) -> [Row] {
    guard let first = contestants.min(by: { $0.trainer.threads < $1.trainer.threads }) else { return [] }
    return contestants.map { contestant in
      let speedUp = contestant.best / first.best
      return Row(
        threads: contestant.trainer.threads, batch: contestant.trainer.options.batch,
        shards: contestant.trainer.options.shards, samplesPerSecond: contestant.best, ceiling: contestant.bestCeiling,
        speedUp: speedUp, efficiency: speedUp * Double(first.trainer.threads) / Double(contestant.trainer.threads),
        teams: contestant.trainer.plan.members.count, delay: min(1, max(0, contestant.delay)),
        aloneShare: contestant.aloneShare, phases: contestant.phases,
        weightsDigest: weightsDigest(of: contestant.trainer.tensors))
    }
  }
}

extension RunSetup {
  /// This one with batch and shards grown by `threads` / `fewest`, and as many steps, each of a whole batch.
  fileprivate func growing(by threads: Int, over fewest: Int) throws(RunError) -> RunSetup {
    var configuration = configuration
    configuration.training.length = .steps(configuration.totalSteps)
    configuration.training.dropLast = true
    for key in [\RunConfiguration.Training.batchSize, \.shards] {
      let (product, overflows) = configuration.training[keyPath: key].multipliedReportingOverflow(by: threads)
      configuration.training[keyPath: key] = overflows ? .max : product / fewest
    }
    let grown: OpenedConfiguration
    do throws(ConfigurationErrors) { grown = try configuration.opened(reusing: opened.files) } catch {
      throw .input("--weak, \(ThreadScaling.words(threads)): \(error)")
    }
    return try RunSetup(grown)
  }
}

/// One thread count in the comparison.
private struct Contestant {
  let trainer: Trainer
  var best = 0.0
  /// Of the threads' time in the best turn.
  private(set) var delay = 0.0
  /// Of the steps of the best turn.
  private(set) var aloneShare = 0.0
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
    // Asked first: it opens a file a thread.
    let delayBefore = CoreDelay.seconds
    let aloneBefore = trainer.stepsAlone
    let before = (
      samples: trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0, time: MonotonicClock.seconds()
    )
    try train(steps - lead)
    let seconds = MonotonicClock.seconds() - before.time
    let samples = (trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0) - before.samples
    if steps > 0, Double(samples) / seconds > best {
      best = Double(samples) / seconds
      aloneShare = Double(trainer.stepsAlone - aloneBefore) / Double(steps - lead)
      let isShared = trainer.threads > Processor.availableCores
      delay = isShared ? 0 : (CoreDelay.seconds - delayBefore) / (seconds * Double(trainer.threads))
    }
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
