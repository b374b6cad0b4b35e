import LockstepConfiguration
import LockstepData
import LockstepModel
import LockstepTraining

/// Memory that a configuration takes. It is checked before any of it is taken: the system ends a process that takes too
/// much.
extension RunConfiguration {
  /// What training a network takes.
  private func memory(training network: Network, on data: any Dataset) -> MemoryEstimate {
    let size = WorkspaceSize(
      rows: training.batchSize, shards: training.shards, workers: training.threads.workers(shards: training.shards),
      microBatches: training.accumulate, targetColumns: data.task.targetColumns)
    return MemoryEstimate(
      training: network, size, slots: optimizer.slots.count, isAveraged: training.weightAverage != nil)
  }

  /// What the program takes by itself, measured with networks of a few kilobytes: code, libraries, the compressor.
  private static let programBytes = 32 << 20

  /// What a run takes at most, and at least 1/1.15 of it: training, evaluation, the copy of the tensors that
  /// checkpoints are written from, and the program itself.
  func memory(running network: Network, on data: any Dataset) -> MemoryEstimate {
    var estimate = memory(training: network, on: data)
    if let table = self.data.files?.memoryBytes, table > 0 { estimate = estimate.adding("data", bytes: table) }
    if logging.tensorBoard?.histogramsEvery != nil {
      estimate = estimate.adding("gradient copy", bytes: network.parameters.count * MemoryLayout<Float>.stride)
    }
    if metrics.layersEvery != nil, regularization.maxNorm != nil {
      estimate = estimate.adding(
        "weights before the step", bytes: network.parameters.count * MemoryLayout<Float>.stride)
    }
    if evaluation != nil, !furtherMetrics.isEmpty {
      let columns = network.outputs + data.task.targetColumns
      let scores = furtherMetrics.contains(.rocAUC) ? self.data.validationSamples * network.outputs : 0
      estimate = estimate.adding(
        "evaluation",
        bytes: training.batchSize * columns * MemoryLayout<Float>.stride + scores * MemoryLayout<Double>.stride)
    }
    estimate = estimate.adding(
      "checkpoint copy", bytes: Snapshot.bytes(of: network, slots: slotsBesideParameters))
    // Huge pages that are touched in part, threads' stacks, the compressor's windows: up to a twentieth, measured.
    return estimate.adding("program", bytes: Self.programBytes + estimate.total / 20)
  }

  /// Throws where this process cannot have the memory of a run.
  func checkMemory(runningOn data: any Dataset) throws(RunError) {
    let network = try network()
    try asInput { () throws(TrainingError) in try memory(running: network, on: data).check() }
  }

  /// Throws where this process cannot have the memory of `trainers` beside each other.
  func checkMemory(comparing trainers: Int, on data: any Dataset) throws(RunError) {
    let network = try network()
    try asInput { () throws(TrainingError) in try memory(training: network, on: data).check(copies: trainers) }
  }

  /// What checkpoints hold of the parameters' size beside them: the optimizer's slots, and the average of the weights.
  var slotsBesideParameters: Int { optimizer.slots.count + (training.weightAverage == nil ? 0 : 1) }

  private func network() throws(RunError) -> Network {
    try asInput { () throws(ModelError) in try Network(model, seed: seed) }
  }
}
