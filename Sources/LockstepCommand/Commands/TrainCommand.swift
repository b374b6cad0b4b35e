import ArgumentParser
import Lockstep

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network.",
    discussion: """
      Examples:

        lockstep train configs/quickstart.yaml
        lockstep train configs/quickstart.yaml --output runs/b --set seed=2
        lockstep train configs/quickstart.yaml --output runs/b --resume

      Writes config.yaml, checkpoints/, metrics.jsonl, metrics.csv and summary.json into the output folder. Ctrl-C finishes the step, saves, then ends; a second \
      one ends at once.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .configuration)
  var config: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Folder of the run. (default: runs/<name of the run>)", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(
    name: .long, help: "Go on from the newest valid checkpoint in the output folder; begin if there is none at all.")
  var resume = false

  @OptionGroup var options: RunOptions

  func validate() throws {
    try requirePath(config, "the configuration")
    if let output { try requirePath(output, "--output") }
  }

  func run() throws {
    try options.run {
      let setup = try RunSetup(OpenedConfiguration(file: config, overrides: options.configurationOverrides()))
      let folder = output ?? "runs/\(setup.configuration.name)"
      if !resume { return try TrainingRun.start(setup, output: folder, upTo: options.steps) }
      return try TrainingRun.resumeOrStart(
        setup, output: folder, upTo: options.steps,
        acceptsDifferentArithmetic: options.acceptDifferentArithmetic)
    }
  }
}
