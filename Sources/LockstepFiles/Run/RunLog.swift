import LockstepTraining

/// What a run writes about itself as it goes on: `metrics.jsonl`, and `metrics.csv` of it.
final class RunLog: Sendable {
  private let lines: MetricsLog
  private let table: MetricsTable

  /// Goes on with what stands in `folder`.
  ///
  /// - Parameters:
  ///   - state: where the run stands, so that what it has told since is removed; nil for one that begins.
  ///   - sampler: that of `configuration`.
  init(
    _ folder: RunFolder, after state: RunState?, _ configuration: RunConfiguration, _ sampler: Sampler
  ) throws(FileError) {
    try MetricsLog.mend(folder.metricsFile) { state?.isPast($0) ?? false }
    lines = try MetricsLog(folder.metricsFile)
    table = try MetricsTable(folder.tableFile, of: folder.metricsFile, configuration, sampler)
  }

  /// Adds a line to the log, and its figures to the table.
  func append(event: String, step: Int, _ values: JSONObject) throws(FileError) {
    try lines.append(event: event, step: step, values)
    try table.append(MetricsLine(event: event, step: step, values))
  }

  /// Nothing more will be told of the present step.
  func finishStep() throws(FileError) { try table.finishRow() }

  /// Removes what the run has told since `state`, to which it is taken back.
  func goBack(to state: RunState) throws(FileError) {
    try lines.renew { state.isPast($0) }
    try table.renew()
  }

  /// Waits until the device holds every line: before the checkpoint of a step, so that none is missing when the run goes on from there. The table is made of
  /// the lines then.
  func synchronize() throws(FileError) { try lines.synchronize() }

  /// Waits until the device holds all of it: at the end of a run.
  func finish() throws(FileError) {
    try table.finishRow()
    try table.synchronize()
    try lines.synchronize()
  }
}
