import ArgumentParser
import Libc
import Lockstep

/// This process as one of the ranks that `mpirun` or `srun` has started.
enum RankedProcess {
  /// Who has started this process, where it may be one of several.
  private static let launcher = Launcher(environment: Terminal.environment)
  /// The commands that are the work of all ranks.
  private static let ranked = [
    TrainCommand.self, ResumeCommand.self, ScaleCommand.self, SearchCommand.self, DoctorCommand.self,
  ].map {
    (command: any ParsableCommand.Type) in command.configuration.commandName
  }

  /// Whether this process has nothing to do, since the command is one that rank 0 does alone.
  static func isIdle(in command: String?) -> Bool {
    isFollower && !ranked.contains(command)
  }

  /// The ranks of the job; nil where this process is alone.
  ///
  /// - Parameter timeout: seconds after which a rank that does not answer is given up.
  /// - Throws: `RunError.input` where several processes have been started that do not know of each other.
  static func join(timeout: Double) throws(RunError) -> Cluster? {
    guard let launcher else { return nil }
    // Where no launcher introduces it, Open MPI would end the process itself, with status 1, and one that is meant to
    // be alone, too.
    guard launcher.introduces, let communicator = MessagePassing.launch(timeout: timeout), communicator.size > 1 else {
      if let refusal = launcher.refusal(library: MessagePassing.library) { throw .input(refusal) }
      return nil
    }
    return Cluster(
      communicator,
      granted: Launcher.cores(environment: Terminal.environment, available: Processor.availableCores))
  }

  /// Whether this process is one that rank 0 leads, or leaves idle.
  static var isFollower: Bool { (launcher?.rank ?? 0) > 0 }
}

extension Cluster {
  /// Does this rank's part of the job.
  ///
  /// - Throws: what is to be said at this rank; or, where another says it, the status alone.
  func run(_ body: () throws -> ExitStatus) throws -> ExitStatus {
    do {
      let status = try body()
      end(status: status.rawValue)
      return status
    } catch {
      let (message, status) = LockstepCommand.telling(error) ?? ("\(error)", .failed)
      if fail(message, status: status.rawValue) { throw error }
      throw ExitCode(status.rawValue)
    }
  }
}
