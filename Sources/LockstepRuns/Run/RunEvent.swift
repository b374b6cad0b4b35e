import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepTraining

/// What a run tells those who watch it.
public enum RunEvent: Sendable {
  /// Goes on after `step` from `checkpoint`; `skipped` says which newer ones could not be used, and why; `isDone`
  /// whether nothing is left to train.
  case resumed(step: Int, checkpoint: String, skipped: [String], isDone: Bool)
  case step(StepResult, RunProgress)
  /// `step` has diverged and was skipped; `reason` says why.
  case skipped(step: Int, reason: String)
  /// A run that diverged goes on after `step` with its learning rates times `learningRateFactor`.
  case restored(step: Int, learningRateFactor: Double, reason: String)
  case evaluated(step: Int, metrics: [(name: String, value: Double)])
  /// The evaluation at `step` ends the run, as `training.early_stopping` says; `reason` says why.
  case stoppedEarly(step: Int, reason: String)
  /// The checkpoint of `step` is on the device; later steps may have been done since.
  case saved(step: Int, path: String, bytes: Int)
  /// How the files of the data were read, told before the first step of a run that begins.
  case read(DataSummary)
  /// Something that a person should know and that does not stop the run.
  case warning(String)
  /// Something about the configuration that could be better, told before the first step of a run that begins.
  case advice(Advice)
}

/// How far a run has come.
public struct RunProgress: Sendable {
  /// Steps at which it will stop.
  public var target: Int
  public var stepsPerEpoch: Int
  /// Training samples a second since the sixth step of this process, evaluation left out.
  public var samplesPerSecond: Double?
  /// Estimate for the steps that are left.
  public var secondsLeft: Double?
}

/// How a call of `TrainingRun.train` ended.
public struct RunSummary: Sendable, Equatable {
  /// Why it ended.
  public enum End: Sendable, Equatable {
    /// All steps of the configuration are done.
    case finished
    /// An evaluation has ended it before, as the configuration says; as complete as one that is finished.
    case stoppedEarly
    /// Stopped where `--steps` said, before the end.
    case paused
    /// Stopped by a signal, after saving.
    case stopped(signal: Int32)
    /// Stopped in time for its time limit, after saving.
    case timeLimit

    /// Whether somebody waits for the run to end as soon as it can.
    var isStop: Bool {
      switch self {
      case .finished, .stoppedEarly, .paused: false
      case .stopped, .timeLimit: true
      }
    }

    /// Its word in `summary.json`.
    var status: String {
      switch self {
      case .finished: "finished"
      case .stoppedEarly: "stopped_early"
      case .paused: "paused"
      case .stopped: "stopped"
      case .timeLimit: "time_limit"
      }
    }
  }

  public var end: End
  /// `summary.json`.
  public var json: JSONObject
}
