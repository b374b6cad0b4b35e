import LockstepData
import LockstepKernels
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
    if let (_, error) = firstReadingError(exchange) { throw error }
  }

  func pool(_ worker: Int, _ job: PopulationJob) {
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    for index in 0..<memory.microBatchCount {
      begin(index, of: memory, by: worker, job.batch, from: job.data)
      memory.forward(job.pass, exchange)
    }
    exchange.synchronize { ranks in
      exchange.shareMoments(of: memory.network, ranks)
      unreadable.share(ranks)
    }
    job.population.add(exchange)
  }
}
