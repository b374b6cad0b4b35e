import LockstepData
import LockstepKernels
import LockstepModel

/// A trained network and its loss, which evaluates as the trainer of both would: by the same chunks and sums, so with
/// the same bits. It takes no memory for gradients or optimizer slots.
package final class Evaluator {
  /// The network that it evaluates.
  package let network: Network
  /// The loss whose sums and metrics it takes.
  package let loss: Loss
  private let batch: Int
  private let precision: Precision
  private let coordinator: Coordinator

  /// - Parameter options: those of the run; only batch, shards, threads, accumulate and precision have a part in it.
  /// - Throws: `TrainingError` where the model or a setting is impossible.
  package init(_ model: Model, loss: Loss, options: Trainer.Options) throws(TrainingError) {
    try options.check()
    try loss.check()
    network = try Network.built(model, seed: options.seed)
    let plan = options.plan(for: network, slots: 0)
    let places = try WorkerThreads(workers: plan.workers)
    let networks = try network.copies(threads: plan.workers)
    (self.loss, batch, precision) = (loss, options.batch, options.precision)
    let size = WorkspaceSize(
      options, plan, for: network, targetColumns: loss.targetColumns(outputs: network.outputs), goesBackward: false)
    try MemoryEstimate(inferring: network, size).check()
    coordinator = Coordinator(
      networks: networks, size: size, threads: places, loss: loss, optimizer: nil, options: options,
      trained: TrainedTensors(of: network))
  }

  /// The tensors that a checkpoint overwrites: parameters, then running statistics.
  package var tensors: [Tensor] {
    network.parameters.entries.map { Tensor($0, in: coordinator.parameters, prefix: "model.") }
      + network.runningStatistics.entries.map { Tensor($0, in: coordinator.running, prefix: "model.") }
  }

  /// The parameters under the names that their averages have in a checkpoint.
  package var averageTargets: [Tensor] {
    network.parameters.entries.map {
      Tensor($0, in: coordinator.parameters, prefix: Tensor.averagePrefix)
    }
  }

  /// - Parameters:
  ///   - further: metrics that the loss does not sum.
  ///   - own: metrics of one's own.
  package func evaluate(
    on data: any Dataset, measuring further: [Metric] = [], adding own: [any CustomMetric] = []
  ) throws(TrainingError) -> Evaluation {
    try loss.check(network, on: data)
    let found = try withFloatingPointEnvironment { () throws(TrainingError) in
      try coordinator.evaluate(on: data, batch: batch, precision: precision, measuring: further, adding: own) { false }
    }
    // Never stopped, it has a result.
    return found ?? Evaluation(loss, LossSums(), nil, measuring: further, own: own)
  }
}
