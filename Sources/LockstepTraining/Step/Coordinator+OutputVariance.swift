import LockstepData
import LockstepKernels
import LockstepModel

/// A batch on which the outputs of a dense layer are measured, before any activation.
struct OutputVarianceJob: Sendable {
  var pass: Pass
  var batch: SampledBatch
  var data: any Dataset
  /// The forward pass up to the layer, from its beginning, or from a stage whose input stands in memory already.
  var stages: Range<Int>
  /// One a shard: what is found.
  var moments: Slots<ScalarMoments>
}

extension Coordinator {
  /// Gives every dense weight orthonormal rows or columns.
  func orthonormalize() { run(.orthonormalize) }

  func orthonormalize(_ worker: Int) {
    let entries = network.parameters.entries
    for tensor in workspace.exchanges[worker].turns(of: entries.count) where entries[tensor].role == .weight {
      network.orthonormalize(parameters: parameters, tensor: tensor)
    }
  }

  /// Mean and variance of all outputs of the last of the job's stages, over all rows of its batch.
  func measure(_ job: OutputVarianceJob) throws(DatasetError) -> ScalarMoments {
    run(.measure(job))
    exchange.share { ranks in
      ranks.share(overShards: job.moments)
      unreadable.share(ranks)
    }
    if let (_, error) = firstReadingError(exchange) { throw error }
    return exchange.reduce(overShards: job.moments, ScalarMoments.merge)
  }

  func measure(_ worker: Int, _ job: OutputVarianceJob) {
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    for index in 0..<memory.microBatchCount {
      if job.stages.lowerBound == 0 { begin(index, of: memory, by: worker, job.batch, from: job.data) }
      memory.forward(job.pass, stages: job.stages, exchange)
      for shard in memory.ownShards() {
        job.moments[shard.shard] = memory.outputMoments(of: job.stages.upperBound - 1, shard)
      }
    }
  }

  /// W ← factor · W
  func scale(_ weight: ParameterLayout.Entry, by factor: Float) {
    withFloatingPointEnvironment { parameters.vector(weight).scale(by: factor) }
  }
}
