import ArgumentParser
import Lockstep
import LockstepReport

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Search for the settings with which a configuration learns best.",
    discussion: """
      Examples:

        lockstep search configs/quickstart.yaml \\
          --vary optimizer.adam.learning_rate=log:1e-4..1e-1 --trials 40
        lockstep search configs/quickstart.yaml --strategy random --trials 20 \\
          --vary model.layers.0.repeat.layers.0.dense.units=16..256 \\
          --vary activation=relu,elu,selu

      Each trial is a run with settings drawn at random: a number between two, uniformly or by its logarithm, a whole one where the key takes no other, or \
      one of a list, as lockstep compare has them. halving trains all trials for a few steps, the best third of them for three times as many, and so on \
      to the end; random trains all to their end; tpe does, too, and draws the settings of each after the tenth near those of the best before. Trials and the best of them are the same on any number of threads and, under mpirun, of ranks. The same command goes on with a search that was stopped; \
      best.yaml in the output folder is the configuration of the best trial.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "What to vary, and over what: low..high, log:low..high or value,value; may be given again.",
      valueName: "key=range"))
  var vary: [String] = []

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("How many trials there are.", valueName: "n"))
  var trials = 40

  @Option(name: .long, help: ArgumentHelp("Which trials are trained for how long.", valueName: "strategy"))
  var strategy = StrategyName.halving

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Of halving: one trial of so many goes on, for so many times the steps. (default: 3)", valueName: "n"))
  var eta: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Of halving: the least steps of a trial. (default: those of a whole trial, divided by eta twice)",
      valueName: "n"))
  var minSteps: Int?

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("By which settings are drawn.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    name: .long,
    help: ArgumentHelp("The metric of the validation data that decides. (default: loss)", valueName: "name"))
  var metric: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Folder of the trials. (default: runs/<name of the run>-search)", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Save and stop so that the command has ended after this time, such as 90s, 45m or 2h; exit status 75.",
      valueName: "time"))
  var maxTime: TimeLimit?

  @OptionGroup var ranks: RankOptions

  @OptionGroup var options: MeasurementOptions

  /// Which trials are trained for how long.
  enum StrategyName: String, ExpressibleByArgument, CaseIterable {
    case random
    case tpe
    case halving
  }

  func validate() throws {
    try requirePath(config, "the configuration")
    if let output { try requirePath(output, "--output") }
    if vary.isEmpty {
      throw RunError.input(
        "--vary: expected at least one, such as --vary optimizer.adam.learning_rate=log:1e-4..1e-1")
    }
    try requirePositive(trials, "--trials")
    for (option, value) in [("--eta", eta), ("--min-steps", minSteps)] where value != nil && strategy != .halving {
      throw RunError.input(
        "\(option): found it beside --strategy \(strategy.rawValue), expected --strategy halving, whose it is")
    }
  }

  func run() throws {
    guard let cluster = try RankedProcess.join(timeout: ranks.rankTimeout.seconds) else {
      let status = try search(plan())
      if status != .done { Exit.now(status) }
      return
    }
    let status = try cluster.run {
      var plan = try plan()
      plan.cluster = cluster
      if cluster.leads { return try search(plan) }
      Signals.install(announcing: false)
      return ExitStatus(rawValue: try plan.follow(cluster, Signals.stop)) ?? .failed
    }
    if status != .done { Exit.now(status) }
  }

  private func plan() throws -> Search.Plan {
    let settings = try vary.map { try Search.Setting($0) }
    for override in try options.configurationOverrides() where settings.contains(where: { $0.key == override.path }) {
      throw RunError.input("\(override.label): found a key that --vary has too, expected it in one of them")
    }
    let strategy: Search.Strategy =
      switch self.strategy {
      case .random: .random
      case .tpe: .tpe
      case .halving: .halving(eta: eta ?? 3, minimumSteps: minSteps)
      }
    return try Search.Plan(
      options.configuration(config), varying: settings, trials: trials, strategy: strategy, seed: seed, metric: metric)
  }

  private func search(_ plan: Search.Plan) throws -> ExitStatus {
    if let maxTime { Signals.stop.limit(to: MonotonicClock.seconds() + maxTime.seconds) }
    Signals.install(announcing: !options.quiet)
    let folder = output ?? "runs/\(plan.name)-search"
    let status = StatusLine(quiet: options.quiet)
    let search = try plan.run(in: folder, stop: Signals.stop) { done, all, what in
      status.show("training \(done + 1) of \(all): \(what)")
    }
    status.clear()
    if let stopped = search.end.exitStatus {
      Terminal.error("go on with: \(Shell.command(["lockstep"] + CommandLine.arguments.dropFirst()))")
      return stopped
    }
    try Terminal.output(
      SearchText.of(search, name: plan.name, folder: folder, columns: Terminal.tableColumns))
    if let json = options.json { try JSONFile.write(search.json, to: json) }
    if let report = options.report {
      try ResultFile.write(search.report(name: plan.name, folder: folder).text, to: report)
    }
    if search.best == nil {
      throw RunError.failed(
        "\(folder): found no trial that came to its end, expected one; each diverged, so draw from smaller learning rates"
      )
    }
    return .done
  }
}
