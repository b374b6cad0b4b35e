import LockstepData
import LockstepFormats

/// The folder of one run, and the paths of what stands in it.
///
/// ```
/// config.yaml      the configuration as resolved
/// checkpoints/     see `CheckpointStore`
/// metrics.jsonl    see `MetricsLog`
/// metrics.csv      see `MetricsTable`
/// tensorboard/     see `EventLog`; where it is wanted
/// summary.json     written when the run ends
/// lock             see `FolderLock`
/// ```
public struct RunFolder: Sendable, Equatable {
  /// The folder itself.
  public let path: String

  init(path: String) { self.path = path }

  /// Path of the configuration as resolved, with every default written out.
  public var configurationFile: String { "\(path)/config.yaml" }
  /// Path of the folder of checkpoints, named `step-00001000.safetensors.zst` after their steps.
  public var checkpointsFolder: String { "\(path)/checkpoints" }
  /// Path of the log: a JSON object for each event, one a line.
  public var metricsFile: String { "\(path)/metrics.jsonl" }
  /// Path of the log's figures as a table: a row for each step at which something was measured.
  public var tableFile: String { "\(path)/metrics.csv" }
  /// Path of the folder of TensorBoard's event files; there only where the configuration asks for them.
  public var tensorBoardFolder: String { "\(path)/tensorboard" }
  /// Path of the summary, which is there once the run has ended.
  public var summaryFile: String { "\(path)/summary.json" }

  var lockFile: String { "\(path)/lock" }

  /// A folder for a new run, made if need be. Files in it that are not a run's are left alone.
  ///
  /// - Throws: `holdsAnotherRun` where any file of a run is there already; nothing has been changed then.
  package static func create(_ path: String) throws(RunFolderError) -> RunFolder {
    try requireNoRun(in: path)
    return try openOrCreate(path)
  }

  /// - Throws: `holdsAnotherRun` where any file of a run stands in the folder `path`.
  static func requireNoRun(in path: String) throws(RunFolderError) {
    if let found = try traces(of: path) { throw .holdsAnotherRun(path: path, found: found) }
  }

  /// The folder of a run that is to go on.
  ///
  /// - Throws: `notARun` where there is none.
  package static func open(_ path: String) throws(RunFolderError) -> RunFolder {
    let item = try wrapping { () throws(FileError) in try Folder.item(at: path) }
    if item != .folder {
      throw .notARun(path: path, problem: item == .missing ? "there is no such folder" : "it is not a folder")
    }
    if try traces(of: path) == nil { throw .notARun(path: path, problem: "it holds no config.yaml and no checkpoints") }
    return RunFolder(path: path)
  }

  /// A folder for a run that goes on if it has begun, and begins otherwise.
  package static func openOrCreate(_ path: String) throws(RunFolderError) -> RunFolder {
    let folder = RunFolder(path: path)
    try wrapping { () throws(FileError) in
      try Folder.createOwn(folder.checkpointsFolder)
    }
    return folder
  }

  /// Replaces `config.yaml`; at every instant the old text or the new one stands there.
  package func writeConfiguration(_ text: String) throws(FileError) {
    try TemporaryFile.replace(configurationFile, with: text)
  }

  /// Replaces `summary.json`.
  package func writeSummary(_ summary: JSONObject) throws(FileError) {
    try TemporaryFile.replace(summaryFile, with: JSONValue.object(summary).prettyText + "\n")
  }

  /// `summary.json`, or nil if the run has not ended; one that is damaged counts as none, because it can be made again.
  package func readSummary() throws(FileError) -> JSONObject? { try Self.readJSON(summaryFile) }

  /// The JSON object in a file, or nil where there is no such file, or no such object in it.
  package static func readJSON(_ path: String) throws(FileError) -> JSONObject? {
    // One byte more than is parsed tells a file that is too long, however long.
    var bytes = [UInt8](repeating: 0, count: JSONValue.longestText + 1)
    do throws(FileError) {
      let file = try FileDescriptor.reading(path)
      bytes.removeLast(bytes.count - (try file.read(into: &bytes)))
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    return (try? JSONValue(parsing: bytes))?.object
  }

  /// Removes what a killed process left half written beside the files above.
  package func removeTemporaries() throws(FileError) {
    let files = [configurationFile, metricsFile, tableFile, summaryFile].map(Folder.lastName)
    for name in try Folder.names(in: path) {
      guard let target = TemporaryFile.target(temporary: name), files.contains(target) else { continue }
      try Folder.removeFile("\(path)/\(name)")
    }
  }

  /// A file of a run that stands in the folder `path`, or nil.
  static func traces(of path: String) throws(RunFolderError) -> String? {
    let folder = RunFolder(path: path)
    return try wrapping { () throws(FileError) in
      let files = [folder.configurationFile, folder.metricsFile, folder.tableFile, folder.summaryFile]
      for file in files + [folder.tensorBoardFolder] {
        if try Folder.item(at: file) != .missing { return Folder.lastName(of: file) }
      }
      let checkpoints = try CheckpointStore(folder: folder.checkpointsFolder, keep: 1).list()
      return checkpoints.last.map { "checkpoints/\(Folder.lastName(of: $0.path))" }
    }
  }

  static func wrapping<Result>(_ body: () throws(FileError) -> Result) throws(RunFolderError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}

extension RunFolder {
  /// What the newest readable checkpoint says of the files of the run's data, which may be large, or gone by now; nil
  /// without such a checkpoint.
  var recordedPreprocessing: Preprocessing? { recorded?[Preprocessing.key].flatMap(Preprocessing.init) }

  /// The configuration in the newest readable checkpoint; nil without such a checkpoint.
  var recordedConfiguration: String? { recorded?[TrainingRun.Key.configuration] }

  /// The texts of the newest readable checkpoint.
  private var recorded: [String: String]? {
    guard let checkpoints = try? CheckpointStore(folder: checkpointsFolder, keep: 1).list() else { return nil }
    for checkpoint in checkpoints.reversed() {
      if let header = try? CheckpointFile.readHeader(checkpoint.path) { return header.metadata }
    }
    return nil
  }
}

/// A folder that cannot be used for a run.
package enum RunFolderError: Error, Sendable, Equatable, CustomStringConvertible {
  case holdsAnotherRun(path: String, found: String)
  case notARun(path: String, problem: String)
  /// It is to be overwritten, and is not known to be the folder of a run.
  case notOverwritable(path: String, found: String, missing: [String])
  /// Another process is training in it.
  case inUse(path: String, owner: String)
  case file(FileError)

  /// Which folder, what was found, what was expected and what to do.
  package var description: String {
    switch self {
    case .holdsAnotherRun(let path, let found):
      "\(path): the folder holds a run already (\(found)). "
        + "Go on with it by --resume, choose another folder by --output, or give it up by --overwrite."
    case .notOverwritable(let path, let found, let missing):
      "\(path): found \(found) without \(missing.joined(separator: " and ")), expected the folder of a run, of which --overwrite removes "
        + "what the run has written. Choose another folder by --output."
    case .notARun(let path, let problem):
      "\(path): not the folder of a run: \(problem). Expected the folder that lockstep train wrote."
    case .inUse(let path, let owner):
      "\(path): a run is going on in this folder: it is locked by \(owner). "
        + "Wait until that has ended, or choose another folder by --output."
    case .file(let error):
      error.description
    }
  }
}
