import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepTraining

/// What a run writes about itself: `metrics.jsonl`, its figures as `metrics.csv`, and TensorBoard's events where they
/// are wanted.
final class RunLog: Sendable {
  private let lines: MetricsLog
  private let table: MetricsTable
  private let events: EventLog?
  private let earlyStopping: EarlyStopping?

  /// Goes on with what stands in `folder`.
  ///
  /// - Parameters:
  ///   - state: where the run stands, so that what it has told since is removed; nil for one that begins.
  ///   - origin: where the run was forked from, which is the first that its log tells.
  ///   - sampler: that of `configuration`.
  ///   - own: names of metrics that evaluations have beside the configuration's.
  init(
    _ folder: RunFolder, after state: RunState?, from origin: Origin?, _ configuration: RunConfiguration,
    _ sampler: Sampler, adding own: [String] = []
  ) throws(FileError) {
    earlyStopping = configuration.training.earlyStopping
    try MetricsLog.mend(folder.metricsFile) { state?.isPast($0, configuration.training.earlyStopping) ?? false }
    lines = try MetricsLog(folder.metricsFile)
    if let origin {
      var isTold = false
      try MetricsLog.forEachLine(folder.metricsFile) { isTold = isTold || $0.event == Origin.event }
      if !isTold { try lines.append(event: Origin.event, step: origin.step, origin.values) }
    }
    table = try MetricsTable(folder.tableFile, of: folder.metricsFile, configuration, sampler, adding: own)
    guard configuration.logging.tensorBoard != nil else {
      events = nil
      return
    }
    events = try EventLog(folder.tensorBoardFolder, log: folder.metricsFile, after: state, configuration)
  }

  /// Adds a line to the log, and its figures to what else there is.
  func append(event: String, step: Int, _ values: JSONObject) throws(FileError) {
    try lines.append(event: event, step: step, values)
    let line = MetricsLine(event: event, step: step, values)
    try table.append(line)
    try events?.append(line)
  }

  /// Adds a histogram of every weight, and of every gradient of the step.
  func appendHistograms(of trainer: Trainer) throws(FileError) {
    let step = trainer.state.step
    try events?.append("weights", of: trainer.parameters, at: step)
    try events?.append("gradients", of: trainer.gradients, at: step)
  }

  /// Writes out the row of the present step, of which nothing more will be told.
  func finishStep() throws(FileError) { try table.finishRow() }

  /// Removes what the run has told since `state`, to which it is taken back.
  func goBack(to state: RunState) throws(FileError) {
    try lines.renew { state.isPast($0, earlyStopping) }
    try table.renew()
    try events?.goBack(to: state)
  }

  /// Waits until the device holds every line and event: before the checkpoint of a step, so that none is missing when
  /// the run goes on from there. The table is made of the lines then.
  func synchronize() throws(FileError) {
    try lines.synchronize()
    try events?.synchronize()
  }

  /// Waits until the device holds all of it: where a run ends, or pauses.
  func finish(hasEnded: Bool) throws(FileError) {
    try table.finishRow()
    try table.synchronize()
    try synchronize()
    if hasEnded { try events?.end(hasFailed: false) }
  }

  /// Says that the run has failed, to whom the line that says why does not.
  func fail() throws(FileError) { try events?.end(hasFailed: true) }
}
