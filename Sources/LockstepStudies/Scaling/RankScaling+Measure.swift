import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension RankScaling {
  private static let (turns, warmUp) = (3, 5)

  /// Trains on the ranks that have been started; rank 0 measures, and the others follow (`RunSetup.follow`). Nothing is
  /// written.
  ///
  /// - Parameter steps: how many are trained, warm-up included.
  package static func measure(_ setup: RunSetup, steps: Int) throws(RunError) -> RankScaling {
    let configuration = setup.configuration
    try check(steps, configuration)
    let trainer = try setup.initialTrainer(for: .networks(1)).trainer
    func train(_ steps: Int) throws(RunError) {
      try asFailure { () throws(TrainingError) in
        for _ in 0..<steps { try trainer.step() }
      }
    }
    try train(warmUp)
    let before = (spent: trainer.phaseSeconds.map(\.seconds), bytes: trainer.sentBytes)
    var best = 0.0
    for turn in 0..<turns {
      let share = (steps - warmUp) * (turn + 1) / turns - (steps - warmUp) * turn / turns
      let samples = trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0
      let begin = MonotonicClock.seconds()
      try train(share)
      let seconds = MonotonicClock.seconds() - begin
      let trained = (trainer.sampler?.samplesSeen(before: trainer.state.step) ?? 0) - samples
      best = max(best, Double(trained) / seconds)
    }
    let bytes = Double(trainer.sentBytes - before.bytes) / Double(steps - warmUp)
    let spent = zip(trainer.phaseSeconds, before.spent).map { ($0.phase, seconds: $0.seconds - $1) }
    let total = spent.reduce(0) { $0 + $1.seconds }
    let waited = spent.first { $0.0 == .communicate }?.seconds ?? 0
    let row = Row(
      ranks: trainer.rankCount, threads: trainer.threads,
      machines: Set(setup.cluster?.places.map(\.host) ?? []).count, samplesPerSecond: best,
      phases: spent.map { ($0.0, total > 0 ? $0.seconds / total : 0) },
      messages: messages(
        of: trainer, bytes: bytes, waited: waited / Double((steps - warmUp) * trainer.threads)),
      weightsDigest: weightsDigest(of: trainer.tensors))
    return RankScaling(
      rows: [row], steps: steps, batch: configuration.training.batchSize, shards: configuration.training.shards,
      name: configuration.name, processor: Processor.modelName)
  }

  /// Throws where so many steps are not enough, or more than the run has.
  package static func check(_ steps: Int, _ configuration: RunConfiguration) throws(RunError) {
    guard steps >= turns + warmUp else {
      throw .input("--steps \(steps): expected at least \(turns + warmUp), of which \(warmUp) warm up")
    }
    guard steps <= configuration.totalSteps else {
      throw .input(
        "--steps \(steps): the configured length is \(configuration.totalSteps) steps; set it by --set training.steps=\(steps)"
      )
    }
  }

  /// Two lengths say what a message takes, and what a byte: one of next to no bytes, one in which latency is lost.
  private static func messages(of trainer: Trainer, bytes: Double, waited: Double) -> Messages? {
    let (short, long) = (64, 4 << 20)
    guard let exchange = trainer.secondsOfExchange(turns: 12),
      let few = trainer.secondsOfMessages(bytes: short, turns: 200),
      let many = trainer.secondsOfMessages(bytes: long, turns: 12)
    else { return nil }
    let further = Double((long - short) * (trainer.rankCount - 1))
    return Messages(
      bytes: bytes, plannedBytes: trainer.plannedBytes, exchangeSeconds: exchange, waitedSeconds: waited,
      latency: few, secondsPerByte: max(0, many - few) / further)
  }
}
