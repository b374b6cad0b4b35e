import LockstepConfiguration
import LockstepFormats

/// A run as its folder describes it. Nothing is locked, verified or changed; the run may be going on.
public struct RunRecord: Sendable {
  /// Whether a run is going on, or how it ended.
  public enum State: Sendable, Equatable {
    /// A process is training in the folder.
    case running
    /// Its process is gone, and has left no summary of the last steps.
    case killed
    /// Its numbers stopped being finite; the message says at which step and where.
    case diverged(message: String)
    /// It has ended with the status that its summary gives: `finished`, `stopped_early`, `paused`, `stopped`,
    /// `time_limit`.
    case ended(status: String)
  }

  /// The folder of the run.
  public let path: String
  /// The configuration in `config.yaml`; what its data files hold is known from the newest checkpoint, where there is
  /// one.
  public let configuration: RunConfiguration
  /// Whether the run is going on, or how it ended.
  public let state: State
  /// `summary.json` of the last time that the run ended; nil where it never has.
  public let summary: JSONObject?
  /// Every evaluation on the validation data, in order: its step, and its metrics by name.
  public let evaluations: [(step: Int, metrics: JSONObject)]
  /// The last step that any of its files mentions.
  public let steps: Int

  /// Reads the folder `path`.
  ///
  /// - Throws: `RunError.input` where `path` is not the folder of a run, or its configuration cannot be read.
  public init(_ path: String) throws(RunError) {
    let folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    guard try asInput({ () throws(FileError) in try Folder.item(at: folder.configurationFile) }) != .missing else {
      throw .input(
        "\(folder.configurationFile): there is no such file, expected the configuration that a run writes there when it begins"
      )
    }
    self.path = path
    configuration = try asInput { () throws(ConfigurationErrors) in
      try OpenedConfiguration(
        file: folder.configurationFile,
        files: folder.recordedPreprocessing.map { .recorded($0) } ?? .reopened(nil)
      ).configuration
    }
    let summary = try asInput { () throws(FileError) in try folder.readSummary() }
    let lines = try asInput { () throws(FileError) in try MetricsLog.lines(folder.metricsFile) }
    let saved = try? CheckpointStore(folder: folder.checkpointsFolder, keep: 1).list().last?.step
    let last = max(lines.last?.step ?? 0, saved ?? 0)
    var evaluations = lines.filter { $0.event == "validation" }.map { (step: $0.step, metrics: $0.values) }
    // The evaluation at the end of a run may not have been scheduled; then it stands in the summary alone.
    if let metrics = summary?["validation"]?.object, let step = summary?["steps"]?.integer,
      evaluations.last?.step != step
    {
      evaluations.append((step, metrics))
    }
    steps = max(summary?["steps"]?.integer ?? 0, last)
    state = Self.state(summary, isHeld: FolderLock.isHeld(in: folder), last: last, lines.last)
    self.summary = summary
    self.evaluations = evaluations
  }

  private static func state(_ summary: JSONObject?, isHeld: Bool, last: Int, _ line: MetricsLine?) -> State {
    if isHeld { return .running }
    if let line, line.event == "diverged" { return .diverged(message: line.values["message"]?.string ?? "") }
    // A summary stays while a run goes on from where it had ended.
    guard let status = summary?["status"]?.string, summary?["steps"]?.integer ?? 0 >= last else { return .killed }
    return .ended(status: status)
  }

  /// `state` in a word: `running`, `killed`, `diverged`, or the status with which it ended.
  public var status: String {
    switch state {
    case .running: "running"
    case .killed: "killed"
    case .diverged: "diverged"
    case .ended(let status): status
    }
  }

  /// The best of its evaluations, by the metric of `checkpoint.keep_best`, or else by accuracy for a classifier and by
  /// loss for a regression; nil where none has a finite value of it.
  public var best: (metric: String, value: Double, step: Int)? {
    let wanted = configuration.checkpoint.keepBest ?? .init(metric: configuration.loss.headlineMetric)
    var best: (metric: String, value: Double, step: Int)?
    for (step, metrics) in evaluations {
      guard let value = metrics[wanted.metric.rawValue]?.number, wanted.isBetter(value, than: best?.value) else {
        continue
      }
      best = (wanted.metric.rawValue, value, step)
    }
    return best
  }

  /// The run in `folder` itself, if it is one, and those in the folders that stand in it, sorted by name; and a message
  /// for each that cannot be read.
  ///
  /// - Throws: `RunError.input` where there is no such folder.
  public static func all(in folder: String) throws(RunError) -> (runs: [RunRecord], problems: [String]) {
    let names = try asInput { () throws(FileError) in try Folder.names(in: folder) }
    var (runs, problems): ([RunRecord], [String]) = ([], [])
    for path in [folder] + names.map({ "\(folder)/\($0)" })
    where (try? Folder.item(at: "\(path)/config.yaml")) == .file {
      do throws(RunError) { runs.append(try RunRecord(path)) } catch { problems.append("\(error)") }
    }
    return (runs, problems)
  }
}
