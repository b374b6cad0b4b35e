import ArgumentParser
import Lockstep

/// What `train`, `resume` and `fork` have in common.
struct RunOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. The trained bits do not depend on it.", valueName: "n"))
  var threads: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Stop and save after step n; the length of the run, and its schedule, stay the configured ones.", valueName: "n"))
  var steps: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Save and stop so that the command has ended after this time, such as 90s, 45m, 2h or 1h30m; exit status 75.",
      valueName: "time"))
  var maxTime: TimeLimit?

  @OptionGroup var overrides: Overrides

  @Flag(name: .long, help: "No progress: only the result, warnings and errors.")
  var quiet = false

  @Flag(name: .long, help: "Also say when a checkpoint is on the device.")
  var verbose = false

  @Flag(name: .long, help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    try requirePositive(threads, "--threads")
    try requirePositive(steps, "--steps")
  }

  /// The overrides of the command line; those with a flag of their own come last.
  func configurationOverrides() throws -> [ConfigurationOverride] {
    try overrides.values(threads: threads)
  }

  /// Trains a run to its end, shows how it goes, and prints its summary. The time limit counts from here.
  ///
  /// - Parameter prepare: makes the run.
  func run(_ prepare: () throws -> TrainingRun) throws {
    if let maxTime { Signals.stop.limit(to: MonotonicClock.seconds() + maxTime.seconds) }
    let run = try prepare()
    Signals.install(announcing: !quiet)
    let opening = RunOpening(run)
    let reporter = ProgressReporter(opening.progress, quiet: quiet, tellsSaves: verbose)
    if !quiet {
      for text in try opening.texts(columns: Terminal.errorColumns, Terminal.errorStyle) { reporter.say(text) }
    }
    defer { reporter.clear() }
    let summary = try run.train(stop: Signals.stop) { reporter.observe($0) }
    reporter.finish()
    try Terminal.output(
      json
        ? JSONValue.object(summary.json).prettyText
        : SummaryText.of(summary, curve: opening.curve(), columns: Terminal.tableColumns))
    if summary.isUnfinished { reporter.say("go on with: \(run.continuation)") }
    if let status = summary.exitStatus { Exit.now(status) }
  }
}

/// What `train --resume` and `resume` do where a run would not go on with its bits.
struct ArithmeticOption: ParsableArguments {
  @Flag(
    name: .long, help: "Go on although this machine's arithmetic is not the checkpoint's; recorded in what is saved.")
  var acceptDifferentArithmetic = false
}

/// `--set key=value`, as often as wanted.
struct Overrides: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Override one value of the configuration; may be given again.", valueName: "key=value"))
  var set: [String] = []

  func values() throws -> [ConfigurationOverride] { try set.map { try ConfigurationOverride($0) } }

  /// What `--set` says, then `--threads`, a flag of its own.
  func values(threads: Int?) throws -> [ConfigurationOverride] {
    let counted = threads.map {
      ConfigurationOverride(path: "training.threads", value: "\($0)", label: "--threads \($0)")
    }
    return try values() + [counted].compactMap { $0 }
  }
}
