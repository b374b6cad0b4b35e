import LockstepFormats

/// Where a run that begins is written.
package enum NewRunFolder: Sendable {
  /// This folder.
  ///
  /// - Parameter overwriting: whether a run that stands there gives way, unless it is going on.
  case at(String, overwriting: Bool = false)
  /// This folder, or where it is taken the first of `folder-2`, `folder-3`, … that is free.
  case numbered(String)

  /// The folder, made if need be, and the right to write into it. Of several processes that ask at the same time each
  /// gets another.
  ///
  /// - Throws: `holdsAnotherRun` where the folder is taken, `notOverwritable` where what stands there is no run;
  ///   nothing has been changed then.
  func take() throws(RunFolderError) -> (folder: RunFolder, lock: FolderLock?) {
    switch self {
    case .at(let path, false):
      let folder = try RunFolder.create(path)
      let lock = try FolderLock.take(in: folder)
      // Another may have begun, and ended, before the lock was ours.
      try RunFolder.requireNoRun(in: path)
      return (folder, lock)
    case .at(let path, true):
      try RunFolder.requireNothingButARun(in: path)
      let folder = try RunFolder.openOrCreate(path)
      let lock = try FolderLock.take(in: folder)
      try RunFolder.wrapping { () throws(FileError) in try folder.removeRun() }
      return (folder, lock)
    case .numbered(let base):
      var number = 1
      while true {
        if let taken = try Self.takeFree(Self.path(base, number)) { return taken }
        number += 1
      }
    }
  }

  /// nil where a run stands in the folder `path`, or another process is about to begin one there.
  private static func takeFree(_ path: String) throws(RunFolderError) -> (folder: RunFolder, lock: FolderLock?)? {
    let item = try RunFolder.wrapping { () throws(FileError) in try Folder.item(at: path) }
    guard item == .missing || item == .folder, try RunFolder.traces(of: path) == nil else { return nil }
    let folder = try RunFolder.openOrCreate(path)
    do throws(RunFolderError) {
      let lock = try FolderLock.take(in: folder)
      return try RunFolder.traces(of: path) == nil ? (folder, lock) : nil
    } catch {
      if case .inUse = error { return nil }
      throw error
    }
  }

  private static func path(_ base: String, _ number: Int) -> String { number == 1 ? base : "\(base)-\(number)" }

  /// Whether `numbered(base)` may have chosen the folder `path`.
  static func isNumbered(_ path: String, after base: String) -> Bool {
    guard path.utf8.starts(with: base.utf8) else { return false }
    let rest = path.utf8.dropFirst(base.utf8.count)
    guard let number = rest.first == UInt8(ascii: "-") ? Int(String(rest.dropFirst()) ?? "") : nil else {
      return rest.isEmpty
    }
    return number >= 2 && self.path(base, number).utf8.elementsEqual(path.utf8)
  }
}

extension RunFolder {
  /// Throws where something stands in the folder `path` that looks like a part of a run and is not known to be one:
  /// nobody shall lose a `config.yaml` of his own.
  static func requireNothingButARun(in path: String) throws(RunFolderError) {
    guard let found = try traces(of: path) else { return }
    let folder = RunFolder(path: path)
    let expected: [(path: String, item: Folder.Item)] = [
      (folder.configurationFile, .file), (folder.checkpointsFolder, .folder), (folder.lockFile, .file),
    ]
    let missing = try wrapping { () throws(FileError) in
      var missing: [String] = []
      for part in expected where try Folder.item(at: part.path) != part.item {
        missing.append(Folder.lastName(of: part.path))
      }
      return missing
    }
    if !missing.isEmpty { throw .notOverwritable(path: path, found: found, missing: missing) }
  }

  /// Removes what the run has written. The configuration goes last, so that what a killed process leaves can be
  /// overwritten again; files that are not the run's stay.
  func removeRun() throws(FileError) {
    try removeTemporaries()
    for file in [summaryFile, tableFile, metricsFile] { try Folder.removeFile(file) }
    try EventLog.remove(tensorBoardFolder)
    let store = CheckpointStore(folder: checkpointsFolder, keep: 1)
    try store.prepare()
    for entry in try store.list() { try Folder.removeFile(entry.path) }
    try Folder.removeFile(configurationFile)
  }
}

extension RunFolder {
  /// Of the runs whose folders stand in `folder` the one that began or went on last, which is when its `config.yaml`
  /// was written; of equals the last by name.
  ///
  /// - Parameter base: only a run that `NewRunFolder.numbered(base)` may have begun; nil for any.
  /// - Returns: nil where there is none.
  /// - Throws: `RunError.input` where the folder cannot be read.
  package static func newest(in folder: String, of base: String? = nil) throws(RunError) -> RunFolder? {
    try asInput { () throws(FileError) in
      guard try Folder.item(at: folder) == .folder else { return nil }
      var newest: (path: String, written: Int)?
      for name in try Folder.names(in: folder) {
        let path = "\(folder)/\(name)"
        guard base.map({ NewRunFolder.isNumbered(path, after: $0) }) ?? true,
          let written = Folder.lastWritten("\(path)/config.yaml"), written >= newest?.written ?? .min
        else { continue }
        newest = (path, written)
      }
      return newest.map { RunFolder(path: $0.path) }
    }
  }

  /// The command that goes on with the run, as a shell reads it.
  package var resumeCommand: String { Shell.command(["lockstep", "resume", Shell.path(path)]) }

  /// The command that begins another run at the newest checkpoint of this one, with other settings.
  func forkCommand(setting changes: [(key: String, value: String)]) -> String {
    command("fork", path, setting: changes)
  }

  /// The command that begins another run from the beginning, with other settings.
  func trainCommand(setting changes: [(key: String, value: String)]) -> String {
    command("train", configurationFile, setting: changes)
  }

  private func command(_ name: String, _ path: String, setting changes: [(key: String, value: String)]) -> String {
    Shell.command(
      ["lockstep", name, Shell.path(path)] + changes.flatMap { ["--set", "\($0.key)=\($0.value)"] })
  }
}
