import Libc

/// A file operation that the system refused. The description says what to do where that is known:
///
/// ```
/// runs/a/metrics.jsonl: cannot write: no space left on device. Free some space, or choose another output folder.
/// ```
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, as a verb: "open", "write", "rename".
  public let operation: String
  /// The file or folder that it was tried on.
  public let path: String
  /// The system's `errno`, or 0 where the problem was found without it.
  public let code: Int32
  /// Why it was refused: the system's words for `code`, or Lockstep's own.
  public let problem: String

  package init(_ operation: String, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
    problem = FileError.text(ofCode: code)
  }

  package init(_ operation: String, _ path: String, problem: String) {
    self.operation = operation
    self.path = path
    code = 0
    self.problem = problem
  }

  public var description: String {
    let sentence = "\(path): cannot \(operation): \(problem)."
    return remedy.map { "\(sentence) \($0)" } ?? sentence
  }

  /// Whether the file, or a folder on its path, does not exist.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  private var remedy: String? {
    switch code {
    case ENOSPC, EDQUOT: "Free some space, or choose another output folder."
    case EACCES, EPERM: "Check who owns it and its permissions."
    case EROFS: "The file system is mounted read-only; choose another output folder."
    case ENOENT, ENOTDIR: "Check the path."
    case ELOOP: "A symbolic link stands there; Lockstep does not write through links."
    case EMFILE, ENFILE: "Too many files are open; raise the limit (ulimit -n)."
    case EIO: "The device reported an error; check the disk before going on."
    default: nil
    }
  }

  private static func text(ofCode code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    let words = unsafe String(cString: text)
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}

/// Makes one system call, again if a signal interrupted it, and throws what it reports: C's −1 never passes unseen.
///
/// - Parameters:
///   - operation: a verb for the message.
///   - retrying: false for `fsync` and `close`, which must not be repeated.
@discardableResult
func systemCall<Result: SignedInteger>(
  _ operation: String, _ path: String, retrying: Bool = true, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code == EINTR && retrying { continue }
    throw FileError(operation, path, code: code)
  }
}
