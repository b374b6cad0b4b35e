import ArgumentParser
import Lockstep

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "check", abstract: "Check.")
  func run() throws {}
}
