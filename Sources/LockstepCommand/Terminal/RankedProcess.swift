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
    #if MPI
      // Open MPI would end the process itself, with status 1, and one that is meant to be alone, too.
      guard launcher.introduces else {
        if let refusal = launcher.refusal(library: library) { throw .input(refusal) }
        return nil
      }
      let communicator = MPICommunicator.launch(timeout: timeout)
      unsafe joined = communicator
      guard communicator.size > 1 else {
        if let refusal = launcher.refusal(library: library) { throw .input(refusal) }
        return nil
      }
      return Cluster(
        communicator,
        granted: Launcher.cores(environment: Terminal.environment, available: Processor.availableCores))
    #else
      if let refusal = launcher.refusal(library: nil) { throw .input(refusal) }
      return nil
    #endif
  }

  /// Whether this process is one that rank 0 leads, or leaves idle.
  static var isFollower: Bool { (launcher?.rank ?? 0) > 0 }

  /// The MPI that the program runs with; nil if it is built without.
  static var library: String? {
    #if MPI
      MPICommunicator.library
    #else
      nil
    #endif
  }

  #if MPI
    /// Written before there are other threads, and once they have ended.
    nonisolated(unsafe) private static var joined: MPICommunicator?
  #endif

  /// Takes leave of the other ranks, once all of them are done.
  static func leave() {
    #if MPI
      unsafe joined?.finalize()
      unsafe joined = nil
    #endif
  }
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
