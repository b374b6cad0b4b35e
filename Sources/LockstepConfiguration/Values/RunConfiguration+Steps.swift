import LockstepData
import LockstepDeclarations
import LockstepTraining

extension RunConfiguration {
  /// Says which samples each step trains on.
  ///
  /// - Throws: `DatasetError` if no batch can be made; never for a configuration that was read or checked.
  public func sampler() throws(DatasetError) -> Sampler {
    try Sampler(sampleCount: data.samples, batchSize: training.batchSize, dropLast: training.dropLast, seed: seed)
  }

  /// Steps of one pass over the training samples: ⌈samples / batch⌉, or ⌊samples / batch⌋ with `drop_last`; at least 1.
  public var stepsPerEpoch: Int {
    let (batch, samples) = (max(1, training.batchSize), max(1, data.samples))
    return max(1, samples / batch + (samples % batch > 0 && !training.dropLast ? 1 : 0))
  }

  /// What a run that has done `step` steps still has to do until it stops after `target`: samples to train on, and
  /// evaluations, those that are due and one at the end.
  package func left(after step: Int, until target: Int, _ sampler: Sampler) -> (samples: Int, evaluations: Int) {
    let samples = sampler.samplesSeen(before: target) - sampler.samplesSeen(before: step)
    guard let every = evaluation.map({ steps(in: $0.every) }) else { return (samples, 0) }
    return (samples, target / every - step / every + (target % every == 0 ? 0 : 1))
  }

  /// The length of the run in steps, which is the horizon of its schedule; `Int.max` where 64 bits do not hold it.
  public var totalSteps: Int { checkedTotalSteps ?? .max }

  /// `interval` in steps; `Int.max` where 64 bits do not hold it.
  public func steps(in interval: Interval) -> Int { checkedSteps(in: interval) ?? .max }

  /// Steps from one checkpoint that is due to the next; `Int.max` where they are saved by the clock.
  package var checkpointSteps: Int { checkpoint.every.interval.map { steps(in: $0) } ?? .max }

  /// Whether a line of training figures is due in the log after `step`. The last step has one too, or the steps before
  /// it would have none.
  package func isLogDue(at step: Int) -> Bool {
    let every = steps(in: metrics.every)
    return step % every == 0 || step == totalSteps || metrics.isDenseAtStart && step < every && Self.isRound(step)
  }

  /// Whether `step` is one of 1, 2, 5, 10, 20, 50, …
  package static func isRound(_ step: Int) -> Bool {
    var rest = step
    while rest >= 10, rest % 10 == 0 { rest /= 10 }
    return [1, 2, 5].contains(rest)
  }

  /// Whether an interval ends with `step`, over which people are shown training figures: from one evaluation to the
  /// next, or an epoch where nothing is evaluated. Where these would be fewer than 10 in a run, they are cut into equal
  /// parts; where more than 200, several are one.
  package func isIntervalEnd(_ step: Int) -> Bool {
    let total = max(1, totalSteps)
    let natural = min(total, max(1, evaluation.map { steps(in: $0.every) } ?? stepsPerEpoch))
    let count = total / natural
    let interval = natural * max(1, (count + Self.mostIntervals - 1) / Self.mostIntervals)
    let parts = min(interval, (Self.fewestIntervals + count - 1) / count)
    // Of the interval that `step` is in; whole numbers, so that the last part ends with the interval.
    let done = (step - 1) % interval
    return (Double(done + 1) * Double(parts) / Double(interval)).rounded(.down)
      > (Double(done) * Double(parts) / Double(interval)).rounded(.down)
  }

  private static let fewestIntervals = 10
  private static let mostIntervals = 200

  /// nil where 64 bits do not hold it.
  var checkedTotalSteps: Int? { checkedSteps(in: training.length) }

  private func checkedSteps(in interval: Interval) -> Int? {
    let steps = interval.steps(ofEpoch: stepsPerEpoch)
    return steps == .max ? nil : steps
  }
}
