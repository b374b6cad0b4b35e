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

  @OptionGroup var ranks: RankOptions

  @OptionGroup var overrides: Overrides

  @OptionGroup var tracking: TrackingOptions

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

  /// Trains a run to its end, as one rank of several where so many have been started: one leads, and the others follow.
  ///
  /// - Parameters:
  ///   - setup: opens the configuration and its data; at a rank that follows without a word.
  ///   - prepare: makes the run that leads.
  func run(
    _ setup: (_ leads: Bool) throws -> RunSetup, then prepare: (RunSetup) throws -> TrainingRun
  ) throws {
    guard let cluster = try RankedProcess.join(timeout: ranks.rankTimeout.seconds) else {
      return try run { try prepare(setup(true)) }
    }
    let status = try cluster.run {
      var setup = try setup(cluster.leads)
      setup.cluster = cluster
      if cluster.leads { return try train { try prepare(setup) } }
      Signals.install(announcing: false)
      return ExitStatus(rawValue: try setup.follow(Signals.stop)) ?? .failed
    }
    if status != .done { Exit.now(status) }
  }

  /// Trains a run to its end, shows how it goes, and prints its summary.
  ///
  /// - Parameter prepare: makes the run.
  func run(_ prepare: () throws -> TrainingRun) throws {
    let status = try train(prepare)
    if status != .done { Exit.now(status) }
  }

  /// The time limit counts from here.
  private func train(_ prepare: () throws -> TrainingRun) throws -> ExitStatus {
    if let maxTime { Signals.stop.limit(to: MonotonicClock.seconds() + maxTime.seconds) }
    let store = try tracking.store()
    let run = try prepare()
    Signals.install(announcing: !quiet)
    let opening = RunOpening(run)
    let reporter = ProgressReporter(opening.progress, quiet: quiet, tellsSaves: verbose)
    if !quiet {
      for text in try opening.texts(columns: Terminal.errorColumns, Terminal.errorStyle) { reporter.say(text) }
    }
    defer { reporter.clear() }
    func train() throws -> RunSummary { try run.train(stop: Signals.stop) { reporter.observe($0) } }
    let summary = try store?.follow(run.folder.path, train) ?? train()
    reporter.finish()
    try Terminal.output(
      json
        ? JSONValue.object(summary.json).prettyText
        : SummaryText.of(summary, curve: opening.curve(), columns: Terminal.tableColumns))
    if summary.isUnfinished { reporter.say("go on with: \(run.continuation)") }
    return summary.end.exitStatus ?? .done
  }
}

/// What the commands have in common that are the work of all ranks.
struct RankOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "With several ranks: the time after which one that does not answer is given up, and the job with it.",
      valueName: "time"))
  var rankTimeout = TimeLimit(seconds: 600)
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
