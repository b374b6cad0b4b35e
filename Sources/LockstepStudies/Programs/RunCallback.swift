import LockstepRuns

/// What a program does while a run goes on: it is told of every event, in their order, between two steps.
///
/// ```swift
/// /// Ends the run at an accuracy that is enough.
/// struct GoodEnough: RunCallback {
///   let accuracy: Double
///   func receive(_ event: RunEvent, of run: TrainingRun) {
///     if case .evaluated(_, let metrics) = event,
///       metrics.contains(where: { $0.name == "accuracy" && $0.value >= accuracy })
///     {
///       run.pause()
///     }
///   }
/// }
/// ```
/// Training waits for it, on the thread that called `Run.train`. It may read `run.trainer` and end the run by
/// `run.pause()`. One that changes tensors, or takes steps by itself, makes another run of it: the bits are then no
/// more those of the configuration, and going on from a checkpoint does not repeat what it did.
public protocol RunCallback {
  /// Is told of an event. A callback that remembers something is a class.
  func receive(_ event: RunEvent, of run: TrainingRun)
}
