import LockstepFormats

/// A checkpoint that cannot be written, or must not be used. Each description says which file, what was found, what was
/// expected and what to do.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no such file.
  case missing(path: String)
  /// It is a file of another kind.
  case notACheckpoint(path: String, problem: String)
  /// Its end is missing.
  case truncated(path: String, problem: String)
  /// Its bytes are not those that were written.
  case damaged(path: String, problem: String)
  /// It was written by a newer Lockstep.
  case newerFormat(path: String, found: Int, supported: Int)
  /// It would take more memory than there is.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// A tensor holds an infinity or a NaN.
  case notFinite(path: String, tensor: String, index: Int, value: Float)
  /// Its tensors are not those of the model that it is loaded into.
  case otherModel(path: String, problems: [String])
  /// No checkpoint of the folder can be used.
  case noneUsable(folder: String, reasons: [CheckpointError])
  /// The content cannot be put into a checkpoint.
  case cannotWrite(path: String, problem: String)
  /// The system refused to read or write it.
  case file(FileError)

  /// Which file, what was found, what was expected and what to do.
  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): there is no such checkpoint. Check the path."
    case .notACheckpoint(let path, let problem):
      "\(path): not a Lockstep checkpoint: \(problem). "
        + "Expected a file such as step-00001000.safetensors.zst that Lockstep wrote."
    case .truncated(let path, let problem):
      "\(path): the checkpoint is truncated: \(problem). Copy it again if it was copied, or use an earlier one."
    case .damaged(let path, let problem):
      "\(path): the checkpoint is damaged: \(problem). Copy it again if it was copied, or use an earlier one."
    case .newerFormat(let path, let found, let supported):
      "\(path): the checkpoint has format version \(found), this Lockstep reads \(supported). "
        + "Use the Lockstep that wrote it, or a newer one."
    case .tooLarge(let path, let bytes, let limit):
      "\(path): the checkpoint's tensors take \(bytes) bytes, "
        + (bytes > limit
          ? "at most \(limit) can be read here. " : "which the system does not grant at present. ")
        + "Use a machine with more memory."
    case .notFinite(let path, let tensor, let index, let value):
      "\(path): tensor \(JSONValue.quoted(tensor)) holds \(value) at element \(index), "
        + "expected finite numbers only. Use an earlier checkpoint."
    case .otherModel(let path, let problems):
      "\(path): the checkpoint is of another model: \(Self.list(problems)). "
        + "Use the configuration that it was trained with."
    case .noneUsable(let folder, let reasons):
      "\(folder): none of its checkpoints can be used. "
        + "Put a copy of one back, or start anew in another folder. \(Self.list(reasons.map(\.description)))"
    case .cannotWrite(let path, let problem):
      "\(path): cannot write the checkpoint: \(problem)."
    case .file(let error):
      error.description
    }
  }

  /// The first few of many problems, joined.
  static func list(_ problems: [String]) -> String {
    let shown = problems.prefix(5).joined(separator: "; ")
    return problems.count > 5 ? "\(shown); and \(problems.count - 5) more" : shown
  }

  /// What `error` says about the checkpoint at `path`.
  init(_ error: ZstdError, path: String) {
    self =
      switch error {
      case .notZstd: .notACheckpoint(path: path, problem: error.description)
      case .truncated(let problem): .truncated(path: path, problem: problem)
      case .damaged(let problem): .damaged(path: path, problem: problem)
      case .unsupported(let problem): .notACheckpoint(path: path, problem: problem)
      case .library(let problem): .file(FileError("compress or decompress", path, problem: "zstd: \(problem)"))
      case .file(let error): error.isMissing ? .missing(path: path) : .file(error)
      }
  }

  /// What `error` says about the checkpoint at `path`.
  init(_ error: SafetensorsError, path: String) {
    self = .damaged(path: path, problem: error.description)
  }

  /// What `body` returns; its error is said of the checkpoint at `path`.
  static func wrapping<Result: ~Copyable>(
    _ path: String, _ body: () throws(ZstdError) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(ZstdError) {
      return try body()
    } catch {
      throw CheckpointError(error, path: path)
    }
  }

  static func wrapping<Result>(
    _ path: String, _ body: () throws(SafetensorsError) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(SafetensorsError) {
      return try body()
    } catch {
      throw CheckpointError(error, path: path)
    }
  }
}
