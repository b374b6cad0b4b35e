import LockstepData
import LockstepKernels
import LockstepModel

/// What an evaluation has found on a data set.
public struct Evaluation: Sendable, Equatable {
  /// Sums of the loss and of the metrics beside it.
  public var sums: LossSums
  /// What needs every output, such as a confusion matrix; nil where no such metric was asked for.
  public var figures: EvaluationFigures?

  /// By name: the means that `loss` sums, then `further`; one that these samples do not have, such as the area under a
  /// curve where all are of one class, is no number.
  public func metrics(_ loss: Loss, _ further: [Metric] = []) -> [(name: String, value: Double)] {
    if further.isEmpty { return loss.metrics(sums) }
    let found = withFloatingPointEnvironment { figures?.metrics ?? [] }
    return loss.metrics(sums)
      + further.map { wanted in (wanted.rawValue, found.first { $0.metric == wanted }?.value ?? .nan) }
  }
}

extension Coordinator {
  /// The whole data set in its order, in chunks of a batch; nil where `isStopped`, asked before each, ends it.
  func evaluate(
    on data: any Dataset, batch: Int, precision: Precision = .float32, measuring further: [Metric],
    isStopped: () -> Bool
  ) throws(TrainingError) -> Evaluation? {
    var sums = LossSums()
    var figures = further.isEmpty ? nil : EvaluationFigures(of: data, ranks: further.contains(.rocAUC))
    let (outputs, columns) = (network.outputs, data.task.targetColumns)
    var kept: Arena?
    if figures != nil {
      kept = Arena(granted: Arena.aligned(batch * outputs) + batch * columns)
      guard kept != nil else {
        throw .setting("the system does not grant the memory of a batch's outputs at present: take a smaller batch")
      }
    }
    for start in stride(from: 0, to: data.count, by: batch) {
      if isStopped() { return nil }
      let samples = start..<min(start + batch, data.count)
      let rows = samples.count
      // Inference draws nothing, so any step will do.
      var job = EvaluationJob(
        pass: Pass(mode: .inference, step: 0, batchRows: rows, precision: precision), samples: samples, data: data)
      job.kept = kept.map {
        (
          $0.matrix(at: 0, rows: rows, columns: outputs),
          $0.matrix(at: Arena.aligned(batch * outputs), rows: rows, columns: columns)
        )
      }
      run(.evaluate(job))
      if let (_, error) = firstReadingError(exchange) { throw .data(error) }
      sums = sums + exchange.sums
      if let kept = job.kept { figures?.add(kept.outputs, kept.targets) }
    }
    return Evaluation(sums: sums, figures: figures)
  }

  func evaluate(_ worker: Int, _ job: EvaluationJob) {
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    let units = job.data.targetDeviations
    for index in 0..<memory.microBatchCount {
      begin(index, of: memory, batchRows: job.samples.count)
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
