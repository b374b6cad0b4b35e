import LockstepConfiguration
import LockstepFormats

/// A run as its folder describes it. Nothing is locked, verified or changed; the run may be going on.
public struct RunRecord: Sendable {
  /// Whether a run is going on, or how it ended.
  public enum State: Sendable, Equatable {
    /// A process holds the lock of the folder: it is training there.
    case running
    /// All its steps are done.
    case finished
    /// An evaluation has ended it, as `training.early_stopping` says.
    case stoppedEarly
    /// It was asked to end before its last step, has saved, and can go on.
    case paused(Pause)
    /// Its numbers stopped being finite; the message says at which step and where.
    case diverged(message: String)
    /// It has ended with another error: a full disk, data that could not be read.
    case failed(message: String)
    /// None of that is told of its last steps, and no process holds the lock: it can go on from its last checkpoint.
    case killed
  }

  /// What has asked a run to end before its last step.
  public enum Pause: String, Sendable {
    /// It has come to the step at which it was to pause.
    case steps
    case signal
    case timeLimit = "time_limit"

    /// In words, behind `paused`.
    public var words: String {
      switch self {
      case .steps: "by --steps"
      case .signal: "by a signal"
      case .timeLimit: "by its time limit"
      }
    }
  }

  /// The events of the log that say why a run has ended with an error; their step is the one that was not done.
  static let (divergedEvent, failedEvent) = ("diverged", "failed")

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
  /// Where it was forked from, as its log tells; nil for a run that began by itself.
  public let origin: Origin?
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
    let last = max(lines.last { $0.event != Self.failedEvent }?.step ?? 0, saved ?? 0)
    var evaluations = lines.filter { $0.event == "validation" }.map { (step: $0.step, metrics: $0.values) }
    // The evaluation at the end of a run may not have been scheduled; then it stands in the summary alone.
    if let metrics = summary?["validation"]?.object, let step = summary?["steps"]?.integer,
      evaluations.last?.step != step
    {
      evaluations.append((step, metrics))
    }
    steps = max(summary?["steps"]?.integer ?? 0, last)
    state = Self.state(summary, isHeld: FolderLock.isHeld(in: folder), last: last, lines.last)
    origin = lines.first { $0.event == Origin.event }.flatMap { Origin($0.values, step: $0.step) }
    self.summary = summary
    self.evaluations = evaluations
  }

  private static func state(_ summary: JSONObject?, isHeld: Bool, last: Int, _ line: MetricsLine?) -> State {
    if isHeld { return .running }
    let message = line?.values["message"]?.string ?? ""
    if line?.event == divergedEvent { return .diverged(message: message) }
    if line?.event == failedEvent { return .failed(message: message) }
    // A summary stays while a run goes on from where it had ended.
    guard let status = summary?["status"]?.string, summary?["steps"]?.integer ?? 0 >= last else { return .killed }
    return State(summaryStatus: status) ?? .killed
  }

  /// The command that goes on with the run, as a shell reads it.
  public var resumeCommand: String { RunFolder(path: path).resumeCommand }

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

extension RunRecord.State {
  /// What the word of a summary says, which is one of `RunSummary.End`; nil where it is another.
  fileprivate init?(summaryStatus status: String) {
    switch status {
    case RunSummary.End.finished.status: self = .finished
    case RunSummary.End.stoppedEarly.status: self = .stoppedEarly
    case RunSummary.End.paused.status: self = .paused(.steps)
    case RunSummary.End.stopped(signal: 0).status: self = .paused(.signal)
    case RunSummary.End.timeLimit.status: self = .paused(.timeLimit)
    default: return nil
    }
  }

  /// In a word: `running`, `finished`, `stopped_early`, `paused`, `diverged`, `failed`, `killed`.
  public var word: String {
    switch self {
    case .running: "running"
    case .finished: "finished"
    case .stoppedEarly: "stopped_early"
    case .paused: "paused"
    case .diverged: "diverged"
    case .failed: "failed"
    case .killed: "killed"
    }
  }

  /// For a person: the word, and what a run was paused by.
  public var words: String {
    if case .paused(let pause) = self { return "paused \(pause.words)" }
    return word.replacing("_", with: " ")
  }

  /// What it was paused by; nil where it was not.
  public var pause: RunRecord.Pause? {
    if case .paused(let pause) = self { pause } else { nil }
  }
}
