import ArgumentParser
import Lockstep
import LockstepReport

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train variants of a configuration side by side: a leaderboard.",
    discussion: """
      Examples:

        lockstep compare configs/quickstart.yaml --vary activation=relu,elu,selu
        lockstep compare configs/quickstart.yaml --vary batch_norm=none,shard,batch --seeds 5
        lockstep compare configs/quickstart.yaml \\
          --vary activation=relu,tanh --vary optimizer.adam.learning_rate=0.01,0.001

      Every combination of values is trained on each fold of data.train, or with each seed. activation, initializer and batch_norm change all layers of \
      their kind, and an activation brings the initializer that fits it unless initializer is varied too; any other key is one of the configuration. \
      Trials that are done stand in the output folder and are not trained again.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: ArgumentHelp("What to vary; may be given again.", valueName: "key=value,value"))
  var vary: [String] = []

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Cross-validate on k folds of data.train. (default: 5)", valueName: "k"))
  var folds: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Train with n seeds and evaluate on data.validation instead.", valueName: "n"))
  var seeds: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("The metric that decides. (default: accuracy where there is one, else loss)", valueName: "name"))
  var metric: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Folder of the trials that are done. (default: comparisons/<name of the run>)", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep the models in this folder, a checkpoint a trial, for lockstep evaluate, predict and export.",
      valueName: "folder"),
    completion: .directory)
  var keep: String?

  @OptionGroup var options: MeasurementOptions

  func validate() throws {
    try requirePath(config, "the configuration")
    if let output { try requirePath(output, "--output") }
    if let keep { try requirePath(keep, "--keep") }
    if folds != nil && seeds != nil { throw RunError.input("--folds and --seeds: expected one of them") }
    if let folds, folds < 2 { throw RunError.input("--folds \(folds): expected at least 2") }
    try requirePositive(seeds, "--seeds")
    if vary.isEmpty { throw RunError.input("--vary: expected at least one, such as --vary activation=relu,elu,selu") }
  }

  func run() throws {
    let opened = try options.configuration(config, unknown: seeds == nil ? .ignore : nil)
    let configuration = opened.configuration
    let variations = try vary.map { try Variation($0) }
    let plan = try Comparison.Plan(
      opened, varying: variations, over: seeds.map { .seeds($0) } ?? .folds(folds ?? 5), metric: metric)
    let status = StatusLine(quiet: options.quiet)
    let comparison = try plan.run(in: output ?? "comparisons/\(configuration.name)", keeping: keep) { done, all, what in
      status.show("trial \(done + 1) of \(all): \(what)")
    }
    status.clear()
    try Terminal.output(ComparisonText.of(comparison, name: configuration.name, columns: Terminal.tableColumns))
    if let json = options.json { try JSONFile.write(value: comparison.json, to: json) }
    if let report = options.report {
      try ResultFile.write(comparison.report(name: configuration.name).text, to: report)
    }
  }
}
