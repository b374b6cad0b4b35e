import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepTraining

/// What `TrainingRun.train` reports while it runs.
public enum RunEvent: Sendable {
  /// The run goes on after `step` from the file `checkpoint`. `skipped` says which newer ones could not be used, and
  /// why; `isDone`, whether nothing is left to train.
  case resumed(step: Int, checkpoint: String, skipped: [String], isDone: Bool)
  /// The run has begun at a checkpoint of another.
  case forked(Origin)
  /// A step has been done.
  case step(StepResult, RunProgress)
  /// An interval has ended, and what is due at its last step is done; or the run has, in the midst of one.
  case interval(RunInterval)
  /// `step` has diverged and was skipped; `reason` says why.
  case skipped(step: Int, reason: String)
  /// A run that diverged goes on after `step` with its learning rates times `learningRateFactor`.
  case restored(step: Int, learningRateFactor: Double, reason: String)
  /// The validation data have been evaluated after `step`: loss, then metrics.
  case evaluated(step: Int, metrics: [(name: String, value: Double)])
  /// The evaluation at `step` ends the run, as `training.early_stopping` says; `reason` says why.
  case stoppedEarly(step: Int, reason: String)
  /// The checkpoint of `step` is on the device; later steps may have been done since.
  case saved(step: Int, path: String, bytes: Int)
  /// How the files of the data were read; reported before the first step of a run that begins.
  case read(DataSummary)
  /// A problem that a person should know of and that does not stop the run.
  case warning(String)
  /// What could be better about the configuration; reported before the first step of a run that begins.
  case advice(Advice)
}

/// How far a run has come.
public struct RunProgress: Sendable {
  /// The step after which it will stop.
  public var target: Int
  /// Steps of one pass over the training samples.
  public var stepsPerEpoch: Int
  /// Training samples a second since the sixth step of this process, without evaluation; nil until that step is done.
  public var samplesPerSecond: Double?
  /// Seconds since the run began in this process.
  public var seconds: Double
  /// Estimate for the steps, evaluations and saves that are left; nil until speed has been measured.
  public var secondsLeft: Double?
  /// Whether an interval ends with the step, or the run does: `RunEvent.interval` follows.
  public var endsInterval: Bool
  /// The loss that is trained.
  let loss: Loss
  /// Its sums over the interval so far.
  let sums: LossSums

  /// The training loss, then its metrics: means over the samples of the interval so far; none where no step of it was
  /// applied.
  public var training: [(name: String, value: Double)] { sums.count > 0 ? loss.metrics(sums) : [] }
}

/// What a person is shown of an interval: from one evaluation to the next, or an epoch where nothing is evaluated; a
/// part of it where a run has fewer than ten, several where it has more than two hundred.
public struct RunInterval: Sendable {
  /// Its last step.
  public var step: Int
  /// The epoch of that step, from 0.
  public var epoch: Int
  /// Loss, then metrics, over the validation data after that step; none where it was not evaluated then.
  public var validation: [(name: String, value: Double)]
  /// The training figures over it, speed and time.
  public var progress: RunProgress
}

/// How a call of `TrainingRun.train` ended.
public struct RunSummary: Sendable, Equatable {
  /// Why it ended.
  public enum End: Sendable, Equatable {
    /// All steps of the configuration are done.
    case finished
    /// An evaluation has ended it, as `training.early_stopping` says; it is as complete as one that is finished.
    case stoppedEarly
    /// It has come to the step at which it was to pause, before the end.
    case paused
    /// It was stopped by a signal, and has saved.
    case stopped(signal: Int32)
    /// It has stopped in time for its time limit, and has saved.
    case timeLimit

    /// Whether the run was asked to end as soon as it can.
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

  /// Why it ended.
  public var end: End
  /// Whether it has steps left to do.
  public var isUnfinished: Bool {
    switch end {
    case .finished, .stoppedEarly: false
    case .paused, .stopped, .timeLimit: true
    }
  }
  /// The content of `summary.json`: status, steps, last loss, validation metrics, checkpoint, weights digest, speed.
  public var json: JSONObject
}
