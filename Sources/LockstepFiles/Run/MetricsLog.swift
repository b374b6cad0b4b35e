import Synchronization

/// What happened in a run, one JSON object a line: `{"event":"train","step":100,"loss":0.25}`.
///
/// Every line begins with `event` and `step`, then come its values in the order given. A line is added by one system
/// call, so a killed process
/// leaves at most its last line cut, which `mend` removes. Lines may be added on one thread while another synchronizes.
public final class MetricsLog: Sendable {
  private let path: String
  /// The lock is held while a line is added, never while the device is waited for.
  private let output: Mutex<Output>

  /// The file that lines go to.
  private final class Output: Sendable {
    let file: FileDescriptor
    /// Whether it could not be synchronized: the system may have dropped lines, and would report success the next time.
    let isDoubtful = Atomic(false)

    init(_ path: String) throws(FileError) {
      file = try FileDescriptor.appending(path)
      // Synchronizing a new file is no promise that its name stays.
      try Folder.synchronize(Folder.parent(of: path))
    }
  }

  /// Opens the log at `path` to add to it; it is created if need be.
  public init(_ path: String) throws(FileError) {
    self.path = path
    output = Mutex(try Output(path))
  }

  /// Adds a line, or nothing if it fails.
  ///
  /// - Parameter values: whatever else the line says; its names are not `event` or `step`.
  public func append(event: String, step: Int, _ values: JSONObject = [:]) throws(FileError) {
    var line = JSONObject()
    line.append("event", .string(event))
    line.append("step", .integer(step))
    for member in values.members {
      precondition(member.name != "event" && member.name != "step", "a line says \(member.name) twice")
      line.append(member.name, member.value)
    }
    let bytes = Array((JSONValue.object(line).text + "\n").utf8)
    try output.withLock { (output) throws(FileError) in try output.file.append(bytes) }
  }

  /// Waits until the device holds every line: before the checkpoint of a step, so that no line is missing when the run
  /// goes on from there. Where that has failed before, the lines are copied to a new file.
  public func synchronize() throws(FileError) {
    let output = self.output.withLock { $0 }
    if output.isDoubtful.load(ordering: .acquiring) { return try renew() }
    do throws(FileError) { try output.file.synchronize() } catch {
      output.isDoubtful.store(true, ordering: .releasing)
      throw error
    }
  }

  /// Puts a copy of the log, synchronized, in its place, and goes on with that. Lines that are added meanwhile wait.
  ///
  /// - Parameter isKept: whether a line is to stay.
  func renew(keeping isKept: (MetricsLine) -> Bool = { _ in true }) throws(FileError) {
    try output.withLock { (output) throws(FileError) in
      try Self.rewrite(path, keeping: isKept)
      output = try Output(path)
    }
  }
}

/// One line of a metrics log.
public struct MetricsLine: Sendable, Equatable {
  public let event: String
  public let step: Int
  /// All of the line, `event` and `step` too.
  public let values: JSONObject

  /// - Returns: nil if `bytes` are not a line of a metrics log.
  init?(_ bytes: [UInt8]) {
    guard let values = (try? JSONValue(parsing: bytes))?.object, let event = values["event"]?.string,
      let step = values["step"]?.integer
    else { return nil }
    self.event = event
    self.step = step
    self.values = values
  }
}
