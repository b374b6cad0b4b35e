import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Memory that a configuration takes. It is checked before any of it is taken: the system ends a process that takes too
/// much.
extension RunSetup {
  /// What memory is needed for.
  package enum MemoryUse {
    /// A run: training, evaluation and saving.
    case run
    /// So many networks beside each other.
    case networks(Int)
  }

  /// Throws where this process cannot have the memory.
  package func checkMemory(for use: MemoryUse) throws(RunError) {
    let network = try configuration.network()
    try asInput { () throws(TrainingError) in
      switch use {
      case .run: try memory(running: network).check()
      case .networks(let count): try memory(training: network).check(copies: count)
      }
    }
  }

  /// What training a network takes.
  private func memory(training network: Network) -> MemoryEstimate {
    let training = configuration.training
    // That there are too many is said when the trainer is made.
    let ranks = (try? configuration.options.ranks(cluster?.communicator, network)) ?? nil
    let size = WorkspaceSize(
      rows: training.batchSize, shards: training.shards,
      TeamPlan(
        for: network, rows: training.batchSize, shards: training.shards, of: ranks?.own, threads: training.threads,
        slots: configuration.optimizer.slots.count, cores: cluster?.cores ?? Processor.availableCores),
      for: network, accumulate: training.accumulate, targetColumns: train.task.targetColumns,
      precision: training.precision)
    return MemoryEstimate(
      training: network, size, slots: configuration.optimizer.slots.count, isAveraged: training.weightAverage != nil,
      ranks)
  }

  /// What the program takes by itself, measured with networks of a few kilobytes: code, libraries, the compressor.
  private static let programBytes = 32 << 20

  /// What a run takes at most, and at least 1/1.15 of it: training, evaluation, the copy of the tensors that
  /// checkpoints are written from, and the program itself.
  func memory(running network: Network) -> MemoryEstimate {
    let parameterBytes = network.parameters.count * MemoryLayout<Float>.stride
    var estimate = memory(training: network)
    if let table = opened.files?.memoryBytes, table > 0 {
      estimate = estimate.adding("data", bytes: table)
    }
    if configuration.logging.tensorBoard?.histogramsEvery != nil {
      estimate = estimate.adding("gradient copy", bytes: parameterBytes)
    }
    if configuration.metrics.layersEvery != nil, configuration.regularization.maxNorm != nil {
      estimate = estimate.adding("weights before the step", bytes: parameterBytes)
    }
    let further = configuration.furtherMetrics
    if configuration.evaluation != nil, !further.isEmpty {
      let columns = network.outputs + train.task.targetColumns
      let scores = further.contains(.rocAUC) ? configuration.data.validationSamples * network.outputs : 0
      estimate = estimate.adding(
        "evaluation",
        bytes: configuration.training.batchSize * columns * MemoryLayout<Float>.stride
          + scores * MemoryLayout<Double>.stride)
    }
    if cluster != nil { return estimate.adding("program", bytes: Self.programBytes + estimate.total / 20) }
    estimate = estimate.adding(
      "checkpoint copy", bytes: Snapshot.bytes(of: network, slots: configuration.slotsBesideParameters))
    // Huge pages that are touched in part, threads' stacks, the compressor's windows: up to a twentieth, measured.
    return estimate.adding("program", bytes: Self.programBytes + estimate.total / 20)
  }
}

extension RunConfiguration {
  /// How many more tensors checkpoints hold for each parameter: the optimizer's slots, and the average of the weights.
  var slotsBesideParameters: Int { optimizer.slots.count + (training.weightAverage == nil ? 0 : 1) }
}
