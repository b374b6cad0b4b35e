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
        lockstep train iris.csv --target species
        lockstep train configs/quickstart.yaml --output runs/b --resume
        lockstep train configs/quickstart.yaml --overwrite

      Writes config.yaml, checkpoints/, metrics.jsonl, metrics.csv and summary.json into the output folder. Ctrl-C finishes the step, saves, then ends; a second \
      one ends at once.
      """)

  @Argument(
    help:
      "The configuration, a YAML file; or data, a file or a folder of pictures, which is trained on as lockstep init proposes.",
    completion: .file())
  var config: String

  @OptionGroup var proposal: ProposalOptions

  @OptionGroup var place: NewRunOptions

  @Flag(
    name: .long,
    help:
      "Go on from the newest valid checkpoint in the output folder, without --output in the newest that has the run's name; begin if there is none at all."
  )
  var resume = false

  @OptionGroup var options: RunOptions

  @OptionGroup var arithmetic: ArithmeticOption

  func validate() throws {
    try requirePath(config, "the configuration")
    if resume, place.overwrite { throw RunError.input("--resume and --overwrite: expected one of them") }
  }

  func run() throws {
    try options.run(setup, then: prepare)
  }

  /// - Parameter leads: whether this process says what is proposed.
  private func setup(leads: Bool) throws -> RunSetup { try RunSetup(opened(tells: leads && !options.quiet)) }

  private func prepare(_ setup: RunSetup) throws -> TrainingRun {
    let name = setup.configuration.name
    if !resume { return try TrainingRun.start(setup, in: place.folder(for: name), upTo: options.steps) }
    let newest = try RunFolder.newest(in: RunPlaces.standard, of: NewRunOptions.standard(name))
    let folder = place.output ?? newest?.path ?? NewRunOptions.standard(name)
    return try TrainingRun.resumeOrStart(
      setup, output: folder, upTo: options.steps,
      acceptsDifferentArithmetic: arithmetic.acceptDifferentArithmetic)
  }

  /// The configuration of the argument, or the one that is proposed for it where it is a file of data.
  ///
  /// - Parameter tells: whether to say what is proposed.
  private func opened(tells: Bool) throws -> OpenedConfiguration {
    let overrides = try options.configurationOverrides()
    guard DataSurvey.isData(config) else {
      for (label, value) in [("--target", proposal.target), ("--task", proposal.task?.rawValue)] where value != nil {
        throw RunError.input("\(label): found a configuration, \(config), expected data beside it")
      }
      return try OpenedConfiguration(file: config, overrides: overrides)
    }
    let proposed = try proposal.proposal(of: config)
    if tells { Terminal.error(ProposalText.of(proposed, columns: Terminal.errorColumns) + "\n") }
    return try OpenedConfiguration(
      bytes: Array(proposed.yaml.utf8), file: "\(proposed.name).yaml", overrides: overrides)
  }
}
