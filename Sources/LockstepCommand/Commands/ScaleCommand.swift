import ArgumentParser
import Lockstep

struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "scale", abstract: "Scale.")
  func run() throws {}
}
