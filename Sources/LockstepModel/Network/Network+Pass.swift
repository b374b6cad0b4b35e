import LockstepKernels

extension Network {
  /// The way forward for one worker's shards: every stage over all of them before the next, while its weights are in cache.
  ///
  /// - Parameters:
  ///   - mine: the worker's shards, whose inputs are filled.
  ///   - worker: whose join memory is used.
  ///   - synchronize: waits until every worker has come as far; called the same number of times by each.
  package func forward(
    _ mine: Range<Int>, of workspace: Workspace, worker: Int, _ pass: Pass, synchronize: () -> Void
  ) {
    for stage in stages {
      switch stage {
      case .local(let operation):
        for shard in mine { operation.forward(workspace.shards[shard], pass) }
      case .joined(let operation):
        for shard in mine { operation.beginForward(workspace.shards[shard], pass) }
        if pass.mode == .inference { continue }
        synchronize()
        operation.joinForward(workspace.shards, workspace.joins[worker])
        for shard in mine { operation.endForward(workspace.shards[shard], workspace.joins[worker]) }
      }
    }
  }

  /// The way back, from the output gradients that the loss has written to every parameter's gradient in the shards' slots.
  package func backward(
    _ mine: Range<Int>, of workspace: Workspace, worker: Int, _ pass: Pass, synchronize: () -> Void
  ) {
    for stage in stages.reversed() {
      switch stage {
      case .local(let operation):
        // Nobody reads a gradient on the input's side of the first parameters.
        guard operation.wiring.needsInputGradient || stage.hasParameters else { continue }
        for shard in mine { operation.backward(workspace.shards[shard], pass) }
      case .joined(let operation):
        for shard in mine { operation.beginBackward(workspace.shards[shard], workspace.joins[worker]) }
        synchronize()
        operation.joinBackward(workspace.joins[worker])
        for shard in mine { operation.endBackward(workspace.shards[shard], pass, workspace.joins[worker]) }
      }
    }
  }

  /// Folds the batch's statistics into the running ones, for the BatchNorms whose turn is `worker`'s.
  ///
  /// They are always those of the whole batch, pooled over the shards along the tree.
  package func foldRunningStatistics(
    into running: Arena, from workspace: Workspace, worker: Int, workers: Int
  ) {
    for index in stride(from: worker, to: batchNorms.count, by: workers) {
      let tensors = batchNorms[index]
      let moments = workspace.joins[worker].mergedMoments(of: workspace.shards, at: tensors.place)
      moments.fold(
        momentum: tensors.momentum, intoMean: running.vector(tensors.runningMean),
        variance: running.vector(tensors.runningVariance))
    }
  }

  /// The path of the first layer whose value in a shard has an element that is not finite; `input` for the input itself.
  package func firstNonFiniteLayer(in shard: ShardMemory) -> String? {
    if shard.input.elements.firstNonFinite != nil { return "input" }
    return stages.first { shard.value($0.wired.wiring.output).elements.firstNonFinite != nil }?.wired.path
  }
}

extension Network.Stage {
  var batchNorm: BatchNormTensors? {
    switch self {
    case .joined(let operation): operation.tensors
    case .local(let operation): (operation as? ShardBatchNormOperation)?.tensors
    }
  }
}
