import LockstepData
import LockstepKernels
import LockstepModel

/// Memory for the outputs of a batch and their targets, where an evaluation needs every one.
struct KeptOutputs {
  static let refusal = "the system does not grant the memory of a batch's outputs at present: take a smaller batch"

  private let memory: Arena
  private let outputs: Int
  private let columns: Int
  private let batch: Int

  /// nil where the system does not have so much.
  init?(_ network: Network, _ task: LearningTask, batch: Int) {
    (outputs, columns, self.batch) = (network.outputs, task.targetColumns, batch)
    guard let memory = Arena(granted: Arena.aligned(batch * outputs) + batch * columns) else { return nil }
    self.memory = memory
  }

  /// Of the first so many rows.
  func rows(_ count: Int) -> (outputs: Matrix, targets: Matrix) {
    (
      memory.matrix(at: 0, rows: count, columns: outputs),
      memory.matrix(at: Arena.aligned(batch * outputs), rows: count, columns: columns)
    )
  }
}

extension Coordinator {
  /// The whole data set in its order, in chunks of a batch; nil where `isStopped`, asked before each, ends it.
  func evaluate(
    on data: any Dataset, batch: Int, precision: Precision = .float32, measuring further: [Metric],
    adding own: [any CustomMetric] = [], isStopped: () -> Bool
  ) throws(TrainingError) -> Evaluation? {
    try own.check()
    var (sums, own) = (LossSums(), own)
    let needsOutputs = further.contains { !loss.summedMetrics.contains($0) }
    var figures = needsOutputs ? EvaluationFigures(of: data, ranks: further.contains(.rocAUC)) : nil
    var kept: KeptOutputs?
    if figures != nil || !own.isEmpty {
      kept = KeptOutputs(network, data.task, batch: batch)
      guard kept != nil else { throw .setting(KeptOutputs.refusal) }
    }
    for start in stride(from: 0, to: data.count, by: batch) {
      if isStopped() { return nil }
      let samples = start..<min(start + batch, data.count)
      ranks?.tell(.evaluate(samples: Order.Bounds(samples), keepsOutputs: kept != nil))
      if let error = evaluate(samples, of: data, precision, keeping: kept) { throw .data(error) }
      sums = sums + exchange.sums
      if let (outputs, targets) = kept?.rows(samples.count) {
        figures?.add(outputs, targets)
        for index in own.indices { own[index].add(outputs: outputs, targets: targets) }
      }
    }
    return Evaluation(loss, sums, figures, measuring: further, own: own)
  }

  /// One chunk of the data set; every rank takes part in it, and knows then what came of all shards.
  ///
  /// - Parameter obstacle: why this rank cannot take its part, if that is so.
  /// - Returns: why the first shard that could not be evaluated was not, if there is one.
  func evaluate(
    _ samples: Range<Int>, of data: any Dataset, _ precision: Precision, keeping kept: KeptOutputs?,
    obstacle: String? = nil
  ) -> DatasetError? {
    // Inference draws nothing, so any step will do.
    let pass = Pass(mode: .inference, step: 0, batchRows: samples.count, precision: precision)
    let kept = kept?.rows(samples.count)
    run(.evaluate(EvaluationJob(pass: pass, samples: samples, data: data, kept: kept)))
    exchange.share { ranks in
      if let obstacle {
        unreadable[0] = FirstNote(ranks.own.lowerBound)
        readings[0].error = DatasetError(obstacle)
      }
      exchange.shareLosses(ranks)
      unreadable.share(ranks)
    }
    if let (_, error) = firstReadingError(exchange) { return error }
    exchange.share { ranks in
      guard let kept else { return }
      for (rank, shards) in ranks.shards.enumerated() {
        let first = Shard.rows(shards.lowerBound, of: self.shards, batch: samples.count)
        let last = Shard.rows(shards.upperBound - 1, of: self.shards, batch: samples.count)
        for matrix in [kept.outputs, kept.targets] {
          ranks.pass(matrix.rows(first.lowerBound..<last.upperBound).elements, from: rank, to: 0)
        }
      }
    }
    return nil
  }

  func evaluate(_ worker: Int, _ job: EvaluationJob) {
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    let units = job.data.targetDeviations
    for index in 0..<memory.microBatchCount {
      begin(index, of: memory, by: worker, batchRows: job.samples.count)
      load(memory, by: worker, isFirst: index == 0, from: job.data) { rows, samples in
        for (place, row) in rows.enumerated() { samples[place] = job.samples.lowerBound + row }
      }
      memory.forward(job.pass, exchange)
      for shard in memory.ownShards() {
        measure(shard, by: worker, job.pass, units, exchange, withGradient: false)
        guard let kept = job.kept else { continue }
        let rows = shard.firstRow..<shard.firstRow + shard.rows
        kept.outputs.rows(rows).elements.copy(from: shard.output.elements)
        kept.targets.rows(rows).elements.copy(from: shard.targets.elements)
      }
    }
  }
}
