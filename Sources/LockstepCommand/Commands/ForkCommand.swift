import ArgumentParser
import Lockstep

struct ForkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fork",
    abstract: "Begin a new run at a checkpoint of another, with other settings.",
    discussion: """
      Examples:

        lockstep fork runs/a --set optimizer.adam.learning_rate=1e-4
        lockstep fork runs/a --best --set training.epochs=20
        lockstep fork runs/a --step 500 --set training.batch_size=256 \\
          --output runs/larger

      Weights, running statistics, what the optimizer remembers, the average of the weights and the step are those of the checkpoint; everything else is \
      set as in a new run, but for the tensors of the model and the features and classes of the data. The other run stays as it is.
      """)

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"), completion: .directory)
  var origin: String

  @Option(
    name: .long, parsing: .unconditional, help: ArgumentHelp("Begin at the checkpoint of step n.", valueName: "n"))
  var step: Int?

  @Flag(name: .long, help: "Begin at the checkpoint of the best evaluation, which checkpoint.keep_best keeps.")
  var best = false

  @Flag(name: .long, help: "Begin at the newest checkpoint, as without.")
  var last = false

  @OptionGroup var place: NewRunOptions

  @OptionGroup var options: RunOptions

  func validate() throws {
    try requirePath(origin, "the run")
    if [step != nil, best, last].filter({ $0 }).count > 1 {
      throw RunError.input("--step, --best and --last: expected one of them")
    }
    if let step, step < 0 { throw RunError.input("--step \(step): expected at least 0") }
  }

  func run() throws {
    try options.run {
      try TrainingRun.fork(
        origin, best ? .best : last ? .last : nil, step: step, overrides: options.configurationOverrides(),
        upTo: options.steps
      ) { (name) throws(RunError) in try place.folder(for: name) }
    }
  }
}
