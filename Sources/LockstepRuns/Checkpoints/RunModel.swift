import LockstepFormats

/// Which checkpoint of a run is taken for its model.
public enum RunModel: String, Sendable, CaseIterable {
  /// That of its best evaluation, which `checkpoint.keep_best` keeps.
  case best
  /// The newest.
  case last

  /// The checkpoint that `path` stands for: itself, or where it is the folder of a run that of `step`, or the one that
  /// `choice` says, which is the newest unless said.
  static func checkpoint(at path: String, step: Int?, _ choice: RunModel?) throws(RunError) -> String {
    guard let step else {
      return try checkpoint(at: path, (try? Folder.item(at: path)) == .folder ? choice ?? .last : choice).path
    }
    guard (try? Folder.item(at: path)) == .folder else {
      throw .input("--step \(step): found the file \(path), expected the folder of a run, which has several")
    }
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: 1)
    let steps = try asInput { () throws(FileError) in try store.list() }.map(\.step)
    guard steps.contains(step) else {
      let found = steps.isEmpty ? "none" : "those of \(steps.map(String.init).joined(separator: ", "))"
      throw .input("--step \(step): \(path) holds no checkpoint of that step, found \(found)")
    }
    return store.path(step: step)
  }

  /// The checkpoint that `path` stands for: itself, or where it is the folder of a run one of that run's.
  ///
  /// - Parameter choice: which; nil for the best evaluation's where the run keeps it, else the newest.
  /// - Returns: the file, and the step of one that was chosen.
  /// - Throws: `RunError.input` where the folder is none of a run, or holds no such checkpoint.
  public static func checkpoint(
    at path: String, _ choice: RunModel? = nil
  ) throws(RunError) -> (path: String, chosen: (model: RunModel, step: Int)?) {
    guard (try? Folder.item(at: path)) == .folder else {
      if let choice {
        throw .input("--\(choice.rawValue): found the file \(path), expected the folder of a run, which has several")
      }
      return (path, nil)
    }
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    let store = CheckpointStore(folder: folder.checkpointsFolder, keep: 1)
    guard let newest = try asInput({ () throws(FileError) in try store.list() }).last else {
      throw .input("\(path): the run has no checkpoint yet, expected one in \(folder.checkpointsFolder)")
    }
    if choice == .last { return (newest.path, (.last, newest.step)) }
    let header = try asInput { () throws(CheckpointError) in try CheckpointFile.readHeader(newest.path) }
    if let step = RunState(metadata: header.metadata)?.best?.step {
      return (store.path(step: step), (.best, step))
    }
    if choice == .best {
      throw .input(
        "--best: found no best evaluation in \(path), expected a run with checkpoint: {keep_best: …} that has been evaluated"
      )
    }
    return (newest.path, (.last, newest.step))
  }
}
