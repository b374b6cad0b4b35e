import ArgumentParser
import Lockstep

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Go on with a run that was stopped.",
    discussion: """
      Examples:

        lockstep resume
        lockstep resume runs/quickstart --threads 4
        lockstep resume runs/quickstart --set training.epochs=5

      Any number of threads gives the same bits. The last example makes a run longer. A run that has finished stays as it is: its summary is printed \
      again.
      """)

  @OptionGroup var place: RunArgument

  @OptionGroup var options: RunOptions

  @OptionGroup var arithmetic: ArithmeticOption

  func run() throws {
    let folder = try place.path(for: "resume")
    try options.run { _ in
      try TrainingRun.setup(of: folder, overrides: options.configurationOverrides())
    } then: { setup in
      try TrainingRun.resumeOrStart(
        setup, output: folder, upTo: options.steps,
        acceptsDifferentArithmetic: arithmetic.acceptDifferentArithmetic)
    }
  }
}
