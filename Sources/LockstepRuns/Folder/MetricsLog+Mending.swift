import LockstepFormats
import LockstepKernels

extension MetricsLog {
  /// What `mend` found.
  package struct Mending: Sendable, Equatable {
    /// Lines that stayed.
    package var kept = 0
    /// Whole lines that were removed because they were not wanted.
    package var removed = 0
    /// Lines that could not be read, such as a last one that was cut.
    package var damaged = 0
  }

  /// Removes the lines of steps after `step`, and lines that are cut or damaged, so that a run which goes on from
  /// `step` repeats none.
  ///
  /// What stays is written beside the log and replaces it at once. A log that is not there, or needs no change, is left
  /// alone.
  @discardableResult
  package static func mend(_ path: String, keepingUpTo step: Int) throws(FileError) -> Mending {
    try mend(path) { $0.step <= step }
  }

  /// Removes the lines that `isKept` does not want, and those that are cut or damaged.
  @discardableResult
  package static func mend(_ path: String, keeping isKept: (MetricsLine) -> Bool) throws(FileError) -> Mending {
    let before = try sort(path, isKept) { (_) throws(FileError) in }
    if before.removed == 0 && before.damaged == 0 { return before }
    return try rewrite(path, keeping: isKept)
  }

  /// Puts a new file in the place of the log: the whole lines that `isKept` wants, synchronized.
  @discardableResult
  static func rewrite(_ path: String, keeping isKept: (MetricsLine) -> Bool) throws(FileError) -> Mending {
    var rewritten = try TemporaryFile(replacing: path)
    let mending = try sort(path, isKept) { (line) throws(FileError) in try rewritten.write(line, 0..<line.count) }
    try rewritten.commit()
    return mending
  }

  /// The whole lines of the log at `path`, in order; none if there is no such file. Lines that are cut or damaged are
  /// skipped.
  package static func lines(_ path: String) throws(FileError) -> [MetricsLine] {
    var lines: [MetricsLine] = []
    try forEachLine(path) { (line) throws(FileError) in lines.append(line) }
    return lines
  }

  /// Calls `body` with each of those lines; only one is in memory at a time.
  static func forEachLine(_ path: String, _ body: (MetricsLine) throws(FileError) -> Void) throws(FileError) {
    try eachLine(path) { (line, isWhole) throws(FileError) in
      if isWhole, let line = MetricsLine(line) { try body(line) }
    }
  }

  /// Goes through the log line by line and hands those that are kept, with their line ends, to `keep`.
  private static func sort(
    _ path: String, _ isKept: (MetricsLine) -> Bool, _ keep: ([UInt8]) throws(FileError) -> Void
  ) throws(FileError) -> Mending {
    var mending = Mending()
    try eachLine(path) { (line, isWhole) throws(FileError) in
      guard isWhole, let content = MetricsLine(line) else {
        mending.damaged += 1
        return
      }
      guard isKept(content) else {
        mending.removed += 1
        return
      }
      mending.kept += 1
      try keep(line)
    }
    return mending
  }

  /// Calls `body` with every line, its line end included, and whether it has one. A line too long to be one of a log is
  /// cut, and so damaged.
  private static func eachLine(
    _ path: String, _ body: ([UInt8], Bool) throws(FileError) -> Void
  ) throws(FileError) {
    if try Folder.item(at: path) == .missing { return }
    let file = try FileDescriptor.reading(path)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var line: [UInt8] = []
    func add(_ part: ClosedRange<Int>) {
      if line.count <= JSONValue.longestText { line.append(contentsOf: buffer[part]) }
    }
    while true {
      let count = try file.read(into: &buffer)
      if count == 0 { break }
      var start = 0
      for end in 0..<count where buffer[end] == UInt8(ascii: "\n") {
        add(start...end)
        try body(line, line.last == UInt8(ascii: "\n"))
        line.removeAll(keepingCapacity: true)
        start = end + 1
      }
      if start < count { add(start...count - 1) }
    }
    if !line.isEmpty { try body(line, false) }
  }
}
