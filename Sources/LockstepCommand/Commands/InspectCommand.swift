import ArgumentParser
import Lockstep

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Inspect.")
  func run() throws {}
}
