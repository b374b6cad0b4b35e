import Libc
import Lockstep

/// Starts several ranks of this program on this machine, by the `mpirun` that is found first.
enum RankLauncher {
  /// Waits until all ranks have ended. What they say on standard error is seen; what they print is not.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - arguments: of each.
  /// - Throws: `RunError` where they cannot be started, or do not end well.
  static func run(_ count: Int, _ arguments: [String]) throws(RunError) {
    guard let library = MessagePassing.library else {
      throw .input(
        "--ranks: found a program that is built without MPI, which starts no ranks; build one with it: tools/lockstep --mpi scale …, or swift build --traits MPI"
      )
    }
    // Its options for binding and for more ranks than cores are Open MPI's own; others do both unasked.
    let options = library.hasPrefix("Open MPI") ? ["--bind-to", "none", "--oversubscribe"] : []
    let words = ["-n", "\(count)"] + options + [program] + arguments
    guard let status = spawn("mpirun", words) else {
      throw .input("--ranks: found no mpirun on the PATH, expected that of \(library)")
    }
    if status == 0 { return }
    let message = "mpirun -n \(count): ended with status \(status), for the reason that stands above"
    throw status == ExitStatus.input.rawValue ? .input(message) : .failed(message)
  }

  /// This program's file.
  private static var program: String {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// - Returns: the status with which it has ended, 128 more than a signal's number; nil where there is no such
  ///   program.
  private static func spawn(_ name: String, _ arguments: [String]) -> Int32? {
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for place in unsafe words.indices { unsafe free(words[place]) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var process = pid_t()
    guard unsafe posix_spawnp(&process, name, &actions, nil, &words, environ) == 0 else { return nil }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) == -1, errno == EINTR {}
    let signal = status & 0x7f
    return signal == 0 ? status >> 8 & 0xff : 128 + signal
  }
}
