import LockstepData
import LockstepKernels
import LockstepModel

/// A batch on which the outputs of a dense layer are measured, before any activation.
struct SpreadJob: Sendable {
  var pass: Pass
  var batch: SampledBatch
  var data: any Dataset
  /// The way forward up to the layer, from its beginning, or from a stage whose input stands in memory already.
  var stages: Range<Int>
  /// One a shard: what is found.
  var moments: Slots<ScalarMoments>
}

extension Coordinator {
  /// Gives every dense weight orthonormal rows or columns.
  func orthonormalize() { run(.orthonormalize) }

  func orthonormalize(_ worker: Int) {
    for (tensor, entry) in network.parameters.entries.enumerated()
    where entry.role == .weight && tensor % workers == worker {
      network.orthonormalize(parameters: parameters, tensor: tensor)
    }
  }

  /// Mean and variance of all outputs of the last of the job's stages, over all rows of its batch.
  func measure(_ job: SpreadJob) throws(DatasetError) -> ScalarMoments {
    run(.measure(job))
    if let error = inputs.lazy.compactMap(\.error).first { throw error }
    return Tree.reduce(0..<shards, leaf: { job.moments[$0] }, combine: ScalarMoments.merge)
  }

  func measure(_ worker: Int, _ job: SpreadJob) {
    let memory = workspace.workers[worker]
    for part in 0..<memory.partCount {
      if job.stages.lowerBound == 0 { begin(part, of: memory, job.batch, from: job.data) }
      memory.forward(job.pass, stages: job.stages, among: workspace.shards) { barrier.wait() }
      for shard in memory.shards {
        job.moments[shard.shard] = memory.outputMoments(of: job.stages.upperBound - 1, shard)
      }
    }
  }

  /// W ← factor · W
  func scale(_ weight: ParameterLayout.Entry, by factor: Float) {
    withFloatingPointEnvironment { parameters.vector(weight).scale(by: factor) }
  }
}
