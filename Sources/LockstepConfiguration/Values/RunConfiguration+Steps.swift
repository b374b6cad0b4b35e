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

  /// nil where 64 bits do not hold it.
  var checkedTotalSteps: Int? { checkedSteps(in: training.length) }

  private func checkedSteps(in interval: Interval) -> Int? {
    let steps = interval.steps(ofEpoch: stepsPerEpoch)
    return steps == .max ? nil : steps
  }
}
