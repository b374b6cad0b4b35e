import ArgumentParser
import Lockstep

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "evaluate", abstract: "Evaluate.")
  func run() throws {}
}
