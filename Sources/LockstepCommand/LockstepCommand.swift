import ArgumentParser
import Lockstep

@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Trains deep networks on CPUs: data-parallel, and the same bits on any number of threads.",
    discussion: """
      A run is described by a YAML file and lives in a folder of its own:

        lockstep train configs/quickstart.yaml --output runs/first
        lockstep resume runs/first
        lockstep inspect runs/first/checkpoints/step-00001173.safetensors.zst
        lockstep scale configs/quickstart.yaml --threads 1,2,4

      Exit status: 0 done; 1 the run failed; 2 the input was wrong; 130 and 143 stopped by SIGINT and SIGTERM after saving.
      """,
    version: "lockstep \(LockstepVersion.current)",
    subcommands: [
      TrainCommand.self, ResumeCommand.self, CheckCommand.self, EvaluateCommand.self, ScaleCommand.self, InspectCommand.self,
      DoctorCommand.self,
    ])

  /// Runs the command, and turns errors into the documented exit statuses.
  static func main() {
    Terminal.prepareOutput()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as RunError {
      Terminal.error("error: \(error)")
      Exit.now(error.exitStatus)
    } catch let error as ConfigurationErrors {
      Terminal.error(error.errors.count > 1 ? "\(error)\n\(error.errors.count) errors" : "\(error)")
      Exit.now(.input)
    } catch let error as ExitCode {
      Exit.now(ExitStatus(rawValue: error.rawValue) ?? .failed)
    } catch {
      // Help and --version arrive as errors too; they are results, and go where results go.
      let message = fullMessage(for: error)
      if exitCode(for: error) == .success {
        Terminal.output(message)
        Exit.now(.done)
      }
      Terminal.error(message)
      Exit.now(.input)
    }
    Exit.now(.done)
  }
}
