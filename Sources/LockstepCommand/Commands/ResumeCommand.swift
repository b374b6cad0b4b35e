import ArgumentParser
import Lockstep

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run that was stopped.",
    discussion: """
      Examples:

        lockstep resume runs/quickstart
        lockstep resume runs/quickstart --threads 4
        lockstep resume runs/quickstart --set training.epochs=5

      Any number of threads gives the same bits. The last example makes a run longer. A run that has finished stays as it is: its summary is printed \
      again.
      """)

  @Argument(help: "The folder of the run.", completion: .directory)
  var folder: String

  @OptionGroup var options: RunOptions

  func validate() throws { try requirePath(folder, "the folder of the run") }

  func run() throws {
    try options.run {
      try TrainingRun.resume(
        folder, overrides: options.configurationOverrides(), upTo: options.steps,
        acceptsDifferentArithmetic: options.acceptDifferentArithmetic)
    }
  }
}
