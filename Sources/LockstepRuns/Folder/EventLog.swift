import LockstepFormats
import LockstepKernels
import LockstepTraining

/// The events that TensorBoard shows: the numbers of the log's lines as scalars, and histograms of tensors.
///
/// They stand in `tensorboard/events.out.tfevents.<seconds>.<host>`, a file for every time that the run began or went
/// on. When it goes on from a checkpoint, events of later steps are cut off the older files, so that readers meet each
/// step once; a TensorBoard that has read them already is told by the beginning of the new file to forget them.
final class EventLog: Sendable {
  private let folder: String
  private let file: AppendedFile

  /// Goes on with the events that stand in `folder`, or, where there are none, with those that the log at the path
  /// `log` makes.
  ///
  /// - Parameter state: where the run stands; nil for one that begins.
  init(_ folder: String, log: String, after state: RunState?) throws(FileError) {
    self.folder = folder
    try Folder.createOwn(folder)
    let isFirst = try Self.files(in: folder).isEmpty
    file = try AppendedFile(try Self.begin(in: folder, after: state))
    if isFirst { try MetricsLog.forEachLine(log) { (line) throws(FileError) in try append(line) } }
  }

  /// Adds the numbers of a line of the log.
  func append(_ line: MetricsLine) throws(FileError) {
    let records = try Event.records(of: line)
    if !records.isEmpty { try file.append(records) }
  }

  /// Adds a histogram of every tensor, `weights/dense0.weight` where `kind` is `weights`.
  func append(_ kind: String, of tensors: [Tensor], at step: Int) throws(FileError) {
    for tensor in tensors { try file.append(Event.record(of: tensor, kind, at: step)) }
  }

  /// Waits until the device holds every event.
  func synchronize() throws(FileError) {
    try file.synchronize { () throws(FileError) in try Self.copyNewest(in: folder) }
  }

  /// Removes the events that came after `state`, to which the run is taken back.
  func goBack(to state: RunState) throws(FileError) {
    try file.renew { () throws(FileError) in try Self.begin(in: folder, after: state) }
  }
}

// MARK: The files

extension EventLog {
  /// Removes the files of events in `folder`, and the folder if nothing else is in it. None is there where it is a link
  /// or no folder.
  static func remove(_ folder: String) throws(FileError) {
    guard try Folder.item(at: folder) == .folder, try !Folder.isLink(folder) else { return }
    for file in try files(in: folder) { try Folder.removeFile(file.path) }
    try Folder.removeIfEmpty(folder)
  }

  private static let prefix = "events.out.tfevents."

  /// The files of events in `folder`, oldest first.
  private static func files(in folder: String) throws(FileError) -> [(path: String, seconds: Int)] {
    try Folder.names(in: folder).compactMap { name in
      guard name.hasPrefix(prefix), let text = name.dropFirst(prefix.count).split(separator: ".").first,
        let seconds = Int(text), (0..<1_000_000_000_000).contains(seconds)
      else { return nil }
      return (path: "\(folder)/\(name)", seconds: seconds)
    }.sorted { $0.seconds < $1.seconds }
  }

  /// Cuts the files in `folder` to what `state` includes, and makes another.
  ///
  /// - Returns: its path.
  private static func begin(in folder: String, after state: RunState?) throws(FileError) -> String {
    // TensorBoard would read what a killed process has left half written.
    for name in try Folder.names(in: folder) where TemporaryFile.target(temporary: name) != nil {
      try Folder.removeFile("\(folder)/\(name)")
    }
    let old = try files(in: folder)
    for file in old { try cut(file.path, to: state) }
    // TensorBoard reads the files by their names.
    let seconds = max(Int(WallClock.seconds()), (old.last?.seconds ?? 0) + 1)
    let path = "\(folder)/\(prefix)\(seconds).\(Host.name ?? "unknown")"
    var file = try TemporaryFile(replacing: path)
    let beginning = try Event.beginning(after: state?.trainer.step ?? 0)
    try file.write(beginning, 0..<beginning.count)
    try file.commit()
    return path
  }

  /// Cuts off the first record that `state` does not include, or that is cut or damaged, and all that follow.
  private static func cut(_ path: String, to state: RunState?) throws(FileError) {
    let file = try FileDescriptor.updating(path)
    var end = 0
    while let data = try EventRecord.next(in: file), let event = Event.kindAndStep(of: data) {
      if let kind = event.kind, state?.includes(kind, at: event.step) != true { break }
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
