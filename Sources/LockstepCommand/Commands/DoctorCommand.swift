import ArgumentParser
import Lockstep

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "doctor", abstract: "Doctor.")
  func run() throws {}
}
