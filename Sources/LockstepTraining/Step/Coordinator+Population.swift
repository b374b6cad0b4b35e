import LockstepData
import LockstepModel

/// A batch whose statistics are to be added to a population's.
struct PopulationJob: Sendable {
  var pass: Pass
  var batch: SampledBatch
  var data: any Dataset
  var population: PopulationStatistics
}

extension Coordinator {
  /// Takes a batch forward as training does, and adds what every BatchNorm has seen to the population.
  func pool(_ job: PopulationJob) throws(DatasetError) {
    run(.pool(job))
    if let error = inputs.lazy.compactMap(\.error).first { throw error }
  }

  func pool(_ worker: Int, _ job: PopulationJob) {
    let memory = workspace.workers[worker]
    for part in 0..<memory.partCount {
      begin(part, of: memory, job.batch, from: job.data)
      memory.forward(job.pass, among: workspace.shards) { barrier.wait() }
    }
    barrier.wait()
    memory.pool(into: job.population, from: workspace.shards, worker: worker, workers: workers)
  }
}
