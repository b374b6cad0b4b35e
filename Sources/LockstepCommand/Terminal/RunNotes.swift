import Lockstep

/// What a person should know before a run begins.
enum RunNotes {
  static func of(_ run: TrainingRun) -> [String] {
    let (configuration, trainer) = (run.configuration, run.trainer)
    let (steps, threads) = (configuration.totalSteps, trainer.threads)
    let lines = [
      "\(configuration.name): \(Format.count(trainer.network.parameters.elements)) parameters, "
        + "\(Format.count(steps)) \(Format.plural(steps, "step")) of \(configuration.training.batchSize) samples in "
        + "\(trainer.options.shards) \(Format.plural(trainer.options.shards, "shard")) on \(threads) \(Format.plural(threads, "thread"))"
    ]
    return lines + ThreadNotes.of(trainer.options.threads, shards: trainer.options.shards).map { "note: \($0)" }
  }
}
