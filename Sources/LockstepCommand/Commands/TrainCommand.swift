import ArgumentParser
import Lockstep

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network.",
    discussion: """
      lockstep train configs/quickstart.yaml
      lockstep train configs/quickstart.yaml --output runs/wide --set model.layers.0.dense.units=512
      lockstep train configs/quickstart.yaml --resume          # goes on if the run has begun

      Writes config.yaml, checkpoints/, metrics.jsonl and summary.json into the output folder. Ctrl-C saves, then ends.
      """)

  @Argument(help: "The configuration, a YAML file.")
  var config: String

  @Option(name: .shortAndLong, help: "Folder of the run. (default: runs/<name of the run>)")
  var output: String?

  @Flag(name: .long, help: "Go on from the newest valid checkpoint in the output folder; begin if there is none at all.")
  var resume = false

  @OptionGroup var options: RunOptions

  func run() throws {
    let configuration = try RunConfiguration(file: config, overrides: options.configurationOverrides())
    let folder = output ?? "runs/\(configuration.name)"
    let run =
      resume
      ? try TrainingRun.resumeOrStart(
        configuration, output: folder, acceptsDifferentArithmetic: options.acceptDifferentArithmetic)
      : try TrainingRun.start(configuration, output: folder)
    try options.carryOut(run)
  }
}
