import LockstepConfiguration
import LockstepFormats
import LockstepRuns

/// A folder of experiments and runs that MLflow reads as its own: `mlflow ui --backend-store-uri DIR`.
///
/// ```
/// <experiment>/meta.yaml           an experiment for all runs whose configuration has one name
/// <experiment>/<run>/meta.yaml     name, state, times
/// <experiment>/<run>/metrics/      a file a figure of the log: a line `time value step` a value
/// <experiment>/<run>/params/       a file a setting of the configuration
/// <experiment>/<run>/tags/, artifacts/
/// ```
///
/// A run is written as its folder says it is, so that writing it again changes nothing, and writing it later adds what
/// has happened since. What others have put into the store stays.
///
/// Source: mlflow/store/tracking/file_store.py, https://github.com/mlflow/mlflow
package struct MLflowStore: Sendable {
  /// Absolute.
  let folder: String

  /// Makes the folder if need be.
  ///
  /// - Throws: `RunError.input` where it cannot be made.
  package init(_ folder: String) throws(RunError) {
    self.folder = Folder.absolute(folder)
    try asInput { () throws(FileError) in try Folder.create(folder) }
  }

  /// Puts in what the folder of a run tells; a run that stands there already is brought up to date.
  ///
  /// - Returns: the path of the run in the store.
  @discardableResult
  package func write(_ history: RunHistory) throws(RunError) -> String {
    try asFailure { () throws(FileError) in
      let run = MLflowRun(history)
      let experiment = try experiment(named: history.record.configuration.name, since: run.start)
      let path = "\(folder)/\(experiment)/\(run.identifier)"
      for part in ["metrics", "params", "tags", "artifacts"] { try Folder.create("\(path)/\(part)") }
      for (name, text) in run.files { try Self.put(text, at: "\(path)/\(name)") }
      let meta = run.meta(experiment: experiment, artifacts: FileAddress.of("\(path)/artifacts"))
      // Last: a run without it is none.
      try Self.put(meta, at: "\(path)/meta.yaml")
      return path
    }
  }

  /// Does `body`, and puts in what has become of the run in `path`, also where that has failed.
  package func follow<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    let result: Result
    do { result = try body() } catch {
      if let history = try? RunHistory(path) { _ = try? write(history) }
      throw error
    }
    try write(RunHistory(path))
    return result
  }

  /// The identifier of the experiment of that name, which is made where there is none: 18 digits, as MLflow makes them,
  /// but of the name's digest rather than by chance.
  private func experiment(named name: String, since start: Int) throws(FileError) -> String {
    let line = "name: \(ResolvedValue.text(name).flow)"
    for entry in try Folder.names(in: folder) {
      let path = "\(folder)/\(entry)/meta.yaml"
      // Others may have put the name into quotes of either kind, or into none.
      let lines = [line] + ["", "'", "\""].map { "name: \($0)\(name)\($0)" }
      if let text = try Self.text(at: path), text.split(separator: "\n").contains(where: { lines.contains(String($0)) })
      {
        return entry
      }
    }
    let digest = SHA256Digest.hexadecimal(of: Array(name.utf8)).prefix(15)
    let number = String((Int(digest, radix: 16) ?? 0) % 1_000_000_000_000_000_000)
    let identifier = String(repeating: "1", count: max(0, 18 - number.count)) + number
    try Folder.create("\(folder)/\(identifier)")
    let meta = """
      artifact_location: \(FileAddress.of("\(folder)/\(identifier)"))
      creation_time: \(start)
      experiment_id: '\(identifier)'
      last_update_time: \(start)
      lifecycle_stage: active
      \(line)

      """
    try Self.put(meta, at: "\(folder)/\(identifier)/meta.yaml")
    return identifier
  }

  /// Writes a file where it does not say the same already, with the folders that it stands in.
  private static func put(_ text: String, at path: String) throws(FileError) {
    if try self.text(at: path) == text { return }
    try Folder.create(Folder.parent(of: path))
    try TemporaryFile.replace(path, with: text)
  }

  /// What a file says; nil where there is none.
  static func text(at path: String) throws(FileError) -> String? {
    guard try Folder.item(at: path) == .file else { return nil }
    let file = try FileDescriptor.reading(path)
    var bytes = [UInt8](repeating: 0, count: try file.size)
    let count = try file.read(into: &bytes)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
