import LockstepFormats

/// What happened in a run, one JSON object a line: `{"event":"train","step":100,"loss":0.25}`.
///
/// Every line begins with `event` and `step`, then come its values in the order given. A killed process leaves at most
/// its last line cut, which `mend` removes. Lines may be added on one thread while another synchronizes.
package final class MetricsLog: Sendable {
  private let path: String
  private let file: AppendedFile

  /// Opens the log at `path` to add to it; it is created if need be.
  package init(_ path: String) throws(FileError) {
    self.path = path
    file = try AppendedFile(path)
  }

  /// Adds a line; where it throws, nothing was added.
  ///
  /// - Parameter values: whatever else the line says; its names are not `event` or `step`.
  package func append(event: String, step: Int, _ values: JSONObject = [:]) throws(FileError) {
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
  /// goes on from there. Where that has failed before, the lines are copied to a new file.
  package func synchronize() throws(FileError) {
    try file.synchronize { () throws(FileError) in try rewrite { _ in true } }
  }

  /// Puts a copy of the log, synchronized, in its place, and goes on with that. Lines that are added meanwhile wait.
  ///
  /// - Parameter isKept: whether a line shall stay.
  func renew(keeping isKept: (MetricsLine) -> Bool = { _ in true }) throws(FileError) {
    try file.renew { () throws(FileError) in try rewrite(keeping: isKept) }
  }

  private func rewrite(keeping isKept: (MetricsLine) -> Bool) throws(FileError) -> String {
    try Self.rewrite(path, keeping: isKept)
    return path
  }
}

/// One line of a run's `metrics.jsonl`.
public struct MetricsLine: Sendable, Equatable {
  /// What happened: `train`, `validation`, `stopped_early`, `diverged`, ….
  public let event: String
  /// How many steps had been done by then.
  public let step: Int
  /// The whole line, with `event` and `step`.
  public let values: JSONObject

  init(event: String, step: Int, _ values: JSONObject = [:]) {
    (self.event, self.step, self.values) = (event, step, values)
  }

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
