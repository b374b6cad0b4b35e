import Lockstep

/// What a person should know before a run begins.
enum RunNotes {
  static func of(_ run: TrainingRun) -> [String] {
    let (configuration, trainer) = (run.configuration, run.trainer)
    let (steps, threads) = (configuration.totalSteps, trainer.threads)
    var lines = [
      "\(configuration.name): \(Format.count(trainer.network.parameters.elements)) parameters, "
        + "\(Format.count(steps)) \(Format.plural(steps, "step")) of \(configuration.training.batchSize) samples in "
        + "\(trainer.options.shards) \(Format.plural(trainer.options.shards, "shard")) on \(threads) \(Format.plural(threads, "thread"))"
    ]
    if case .count(let wanted) = trainer.options.threads, wanted > threads {
      lines.append(
        "note: \(wanted) threads were asked for, but \(trainer.options.shards) shards keep at most \(threads) busy")
    }
    let cores = Processor.availableCores
    if case .auto = trainer.options.threads, cores > trainer.options.shards {
      lines.append(
        "note: \(cores) cores are there and \(trainer.options.shards) used: a new run with training.shards \(cores) would use all (and have other bits)"
      )
    }
    return lines
  }
}
