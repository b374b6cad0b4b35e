import ArgumentParser
import Lockstep

/// What `train` and `resume` have in common.
struct RunOptions: ParsableArguments {
  @Option(name: .long, help: "Worker threads, at most one a shard. The trained bits do not depend on it.")
  var threads: Int?

  @Option(name: .long, help: "Stop and save after this step in all; the length of the run stays the configured one.")
  var steps: Int?

  @Option(name: .customLong("set"), help: ArgumentHelp("Override one value of the configuration; may be given again.", valueName: "key=value"))
  var overrides: [String] = []

  @Flag(name: .long, help: "Go on although this machine's arithmetic is not the checkpoint's; recorded in what is saved.")
  var acceptDifferentArithmetic = false

  @Flag(name: .long, help: "Say nothing but warnings and errors.")
  var quiet = false

  @Flag(name: .long, help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): expected at least 1.") }
    if let steps, steps < 1 { throw ValidationError("--steps \(steps): expected at least 1.") }
  }

  /// The overrides of the command line; those with a flag of their own come last.
  func configurationOverrides() throws -> [ConfigurationOverride] {
    let given = try overrides.map { try ConfigurationOverride($0) }
    return given
      + (threads.map { [ConfigurationOverride(path: "training.threads", value: "\($0)", label: "--threads \($0)")] } ?? [])
  }

  /// Trains `run` to its end, shows how it goes, and prints its summary.
  func carryOut(_ run: TrainingRun) throws {
    Signals.install()
    let reporter = ProgressReporter(quiet: quiet)
    for line in Notes.of(run) { reporter.say(line) }
    defer { reporter.clear() }
    let summary = try run.train(upTo: steps, stop: Signals.stop) { reporter.observe($0) }
    reporter.clear()
    Terminal.output(json ? JSONValue.object(summary.json).prettyText : SummaryText.of(summary))
    if case .stopped(let signal) = summary.end {
      Exit.now(ExitStatus(rawValue: 128 + signal) ?? .failed)
    }
  }
}

/// What a person should know before a run begins.
private enum Notes {
  static func of(_ run: TrainingRun) -> [String] {
    let (configuration, trainer) = (run.configuration, run.trainer)
    var lines = [
      "\(configuration.name): \(Format.count(trainer.network.parameters.elements)) parameters, \(Format.count(configuration.totalSteps)) steps of \(configuration.training.batchSize) samples in \(trainer.options.shards) shards on \(trainer.threads) thread\(trainer.threads == 1 ? "" : "s")"
    ]
    if case .count(let wanted) = trainer.options.threads, wanted > trainer.threads {
      lines.append("note: \(wanted) threads were asked for, but \(trainer.options.shards) shards keep at most \(trainer.threads) busy")
    }
    let cores = Processor.availableCores
    if case .auto = trainer.options.threads, cores > trainer.options.shards {
      lines.append(
        "note: \(cores) cores are there and \(trainer.options.shards) used: a new run with training.shards \(cores) would use all (and have other bits)")
    }
    return lines
  }
}
