/// What happened in a run, one JSON object a line: `{"event":"train","step":100,"loss":0.25}`.
///
/// Every line begins with `event` and `step`, then come its values in the order given. A line is added by one system
/// call, so a killed process
/// leaves at most its last line cut, which `mend` removes.
public final class MetricsLog: Sendable {
  private let file: FileDescriptor

  /// Opens the log at `path` to add to it; it is created if need be.
  public init(_ path: String) throws(FileError) {
    file = try FileDescriptor.appending(path)
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
    try file.append(Array((JSONValue.object(line).text + "\n").utf8))
  }

  /// Waits until the device holds every line: before the checkpoint of a step, so that no line is missing when the run
  /// goes on from there.
  public func synchronize() throws(FileError) {
    try file.synchronize()
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
