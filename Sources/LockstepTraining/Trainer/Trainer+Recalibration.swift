import LockstepData
import LockstepKernels
import LockstepModel

extension Trainer {
  /// The most batches that `recalibrate()` takes unless it is told how many.
  public static let recalibrationBatches = 64

  /// Replaces the running statistics of every BatchNorm that is not frozen by those of a population: mean and biased
  /// variance of what it normalises over all rows of the first `batches` batches of the run, with the weights that
  /// inference takes: the present ones, or their average where there is one — Wu, Johnson 2021,
  /// https://arxiv.org/abs/2105.07576 (PreciseBN).
  ///
  /// Batches are those of the steps 0 ..< `batches` of the sampler, from epoch 0 on, and pass as in training:
  /// normalised by their own statistics, with the random numbers of those steps. Their moments are pooled, which the
  /// moving average does not do. Weights, optimizer and state stay as they are.
  ///
  /// - Parameter batches: nil for an epoch, or for `recalibrationBatches` where it has more.
  /// - Returns: how many batches it took, and the rows of all.
  /// - Throws: `TrainingError` where no data is attached, the network has no BatchNorm, or what one normalises is not
  ///   finite; the running statistics are then those before.
  @discardableResult
  public func recalibrate(batches: Int? = nil) throws(TrainingError) -> (batches: Int, rows: Int) {
    let (data, sampler) = try attached()
    guard !network.runningStatistics.entries.isEmpty, network.hasShardStatistics || network.hasBatchStatistics else {
      if !network.runningStatistics.entries.isEmpty {
        throw .setting("every batch_norm of the model is frozen, so its running statistics stay as they are")
      }
      throw .setting("the model has no batch_norm, so there are no running statistics to recompute")
    }
    let batches = batches ?? min(sampler.stepsPerEpoch, Trainer.recalibrationBatches)
    guard batches >= 1 else { throw .setting("found \(batches) batches to recalibrate over, expected at least 1") }
    let population = PopulationStatistics(of: network)
    try withInferenceWeights { () throws(TrainingError) in
      for step in 0..<batches {
        ranks?.tell(.pool(step: step))
        do throws(DatasetError) {
          try coordinator.pool(populationJob(step: step, population, on: data, sampler))
        } catch { throw .data(error) }
      }
    }
    if let name = population.firstNonFinite {
      throw .setting(
        "over \(batches) batches \(name) is not finite: the network's values overflow. Take an earlier checkpoint.")
    }
    withFloatingPointEnvironment { population.replace(running: coordinator.running) }
    ranks?.tell(.takeStatistics)
    takeStatistics()
    return (batches, sampler.samplesSeen(before: batches))
  }

  /// The batch of a step, to be added to a population.
  func populationJob(
    step: Int, _ population: PopulationStatistics, on data: any Dataset, _ sampler: Sampler
  ) -> PopulationJob {
    let batch = sampler.batch(at: step)
    return PopulationJob(pass: pass(of: batch), batch: batch, data: data, population: population)
  }
}
