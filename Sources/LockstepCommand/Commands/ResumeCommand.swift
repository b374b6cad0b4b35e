import ArgumentParser
import Lockstep

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run that was stopped.",
    discussion: """
      lockstep resume runs/quickstart
      lockstep resume runs/quickstart --threads 4              # the same bits on any number of threads
      lockstep resume runs/quickstart --set training.epochs=5  # make a run longer

      A run that has finished stays as it is: its summary is printed again.
      """)

  @Argument(help: "The folder of the run.")
  var folder: String

  @OptionGroup var options: RunOptions

  func run() throws {
    let run = try TrainingRun.resume(
      folder, overrides: options.configurationOverrides(), acceptsDifferentArithmetic: options.acceptDifferentArithmetic)
    try options.carryOut(run)
  }
}
