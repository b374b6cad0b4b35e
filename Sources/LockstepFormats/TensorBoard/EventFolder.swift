import LockstepKernels

/// A folder of event files, which TensorBoard shows as one run.
///
/// The files are called `events.out.tfevents.<seconds>.<host>`, one for every time that whoever writes them begins or
/// goes on. When it goes on, events that it will write again are cut off the older files, so that readers meet each
/// step once; a TensorBoard that has read them already is told by the beginning of the new file to forget them.
package final class EventFolder: Sendable {
  private let folder: String
  private let file: AppendedFile
  /// Whether no event stood in it before.
  package let isNew: Bool

  /// Goes on with the events in `folder`, which is made if need be.
  ///
  /// - Parameters:
  ///   - step: after which they go on; 0 for those that begin.
  ///   - keeps: whether an event of a step stays.
  package init(_ folder: String, after step: Int, keeping keeps: (_ step: Int) -> Bool) throws(FileError) {
    self.folder = folder
    try Folder.createOwn(folder)
    isNew = try Self.files(in: folder).isEmpty
    file = try AppendedFile(try Self.begin(in: folder, after: step, keeping: keeps))
  }

  /// Adds records of `Event`.
  package func append(_ records: [UInt8]) throws(FileError) {
    if !records.isEmpty { try file.append(records) }
  }

  /// Waits until the device holds every event.
  package func synchronize() throws(FileError) {
    try file.synchronize { () throws(FileError) in try Self.copyNewest(in: folder) }
  }

  /// Removes the events that `keeps` does not, to go on after `step`.
  package func goBack(to step: Int, keeping keeps: (_ step: Int) -> Bool) throws(FileError) {
    try file.renew { () throws(FileError) in try Self.begin(in: folder, after: step, keeping: keeps) }
  }

  /// Removes what a killed process has left half written in `folder`: TensorBoard would read it.
  package static func removeTemporaries(in folder: String) throws(FileError) {
    for name in try Folder.names(in: folder) where TemporaryFile.target(temporary: name) != nil {
      try Folder.removeFile("\(folder)/\(name)")
    }
  }

  /// Removes the files of events in `folder`, and the folder if nothing else is in it. None is there where it is a link
  /// or no folder.
  package static func remove(_ folder: String) throws(FileError) {
    guard try Folder.item(at: folder) == .folder, try !Folder.isLink(folder) else { return }
    for file in try files(in: folder) { try Folder.removeFile(file.path) }
    try Folder.removeIfEmpty(folder)
  }
}

// MARK: The files

extension EventFolder {
  /// What their names begin with.
  package static let prefix = "events.out.tfevents."

  /// The files of events in `folder`, oldest first.
  private static func files(in folder: String) throws(FileError) -> [(path: String, seconds: Int)] {
    try Folder.names(in: folder).compactMap { name in
      guard name.hasPrefix(prefix), let text = name.dropFirst(prefix.count).split(separator: ".").first,
        let seconds = Int(text), (0..<1_000_000_000_000).contains(seconds)
      else { return nil }
      return (path: "\(folder)/\(name)", seconds: seconds)
    }.sorted { $0.seconds < $1.seconds }
  }

  /// Cuts the files in `folder` to what stays, and makes another.
  ///
  /// - Returns: its path.
  private static func begin(
    in folder: String, after step: Int, keeping keeps: (_ step: Int) -> Bool
  ) throws(FileError) -> String {
    try removeTemporaries(in: folder)
    let old = try files(in: folder)
    for file in old { try cut(file.path, keeping: keeps) }
    // TensorBoard reads the files by their names.
    let seconds = max(Int(WallClock.seconds()), (old.last?.seconds ?? 0) + 1)
    let path = "\(folder)/\(prefix)\(seconds).\(Host.name ?? "unknown")"
    try TemporaryFile.replace(path, with: try Event.beginning(after: step))
    return path
  }

  /// Cuts off the first record that does not stay, or that is cut or damaged, and all that follow.
  private static func cut(_ path: String, keeping keeps: (_ step: Int) -> Bool) throws(FileError) {
    let file = try FileDescriptor.updating(path)
    var end = 0
    while let data = try EventRecord.next(in: file), let event = Event.place(of: data) {
      if event.holdsValue, !keeps(event.step) { break }
      end += EventRecord.framedCount(data)
    }
    guard try file.size > end else { return }
    try file.shorten(to: end)
    try file.synchronize()
  }

  /// Puts a copy of the newest file, synchronized, in its place.
  private static func copyNewest(in folder: String) throws(FileError) -> String {
    guard let path = try files(in: folder).last?.path else {
      throw FileError("copy", folder, problem: "the file of events is gone")
    }
    var copy = try TemporaryFile(replacing: path)
    let file = try FileDescriptor.reading(path)
    while let data = try EventRecord.next(in: file) {
      let record = EventRecord.framed(data)
      try copy.write(record, 0..<record.count)
    }
    try copy.commit()
    return path
  }
}
