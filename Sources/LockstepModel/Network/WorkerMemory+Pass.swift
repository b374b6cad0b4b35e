import LockstepKernels

extension WorkerMemory {
  /// The way forward for the worker's shards: every stage over all of them before the next, while its weights are in
  /// cache.
  ///
  /// - Parameters:
  ///   - all: every worker's shards.
  ///   - synchronize: waits until every worker has come as far; called the same number of times by each.
  package func forward(_ pass: Pass, among all: [ShardMemory], synchronize: () -> Void) {
    for stage in network.stages { stage.operation.forward(self, pass, among: all, synchronize: synchronize) }
  }

  /// The way back, from the output gradients that the loss has written to every parameter's gradient, summed over the
  /// nodes of the tree that the part holds whole, and with those of the parts before.
  package func backward(_ pass: Pass, among all: [ShardMemory], synchronize: () -> Void) {
    for node in nodes { node.beginBackward() }
    for stage in network.stages.reversed() where stage.goesBackward {
      stage.operation.backward(self, pass, among: all, synchronize: synchronize)
    }
    for node in nodes { node.sumVectors() }
    foldNodes()
  }

  /// Folds the batch's statistics into the running ones, for the BatchNorms whose turn is `worker`'s.
  ///
  /// They are always those of the whole batch, pooled over the shards along the tree.
  package func foldRunningStatistics(from all: [ShardMemory], worker: Int, workers: Int) {
    for index in stride(from: worker, to: network.batchNorms.count, by: workers) {
      let tensors = network.batchNorms[index]
      join.mergedMoments(of: all, at: tensors.place).fold(
        momentum: tensors.momentum, intoMean: self.all.runningStatistic(tensors.runningMean),
        variance: self.all.runningStatistic(tensors.runningVariance))
    }
  }
}

// MARK: - What shows that numbers are finite

extension WorkerMemory {
  /// Of all gradients that the last way back has summed over the nodes of the worker's parts.
  package var largestGradient: Magnitude {
    ownNodes.reduce(into: Magnitude()) { $0.note($1.largest) }
  }

  /// Of all statistics of the worker's shards.
  package var largestStatistic: Magnitude {
    ownShards.reduce(into: Magnitude()) { $0.note($1.largestStatistic) }
  }

  /// The first BatchNorm, by its number, among those whose turn is `worker`'s, of which the batch's statistics are not
  /// finite.
  package func firstNonFiniteStatistics(from all: [ShardMemory], worker: Int, workers: Int) -> Int? {
    stride(from: worker, to: network.batchNorms.count, by: workers).first { index in
      let moments = join.mergedMoments(of: all, at: network.batchNorms[index].place)
      return moments.mean.firstNonFinite != nil || moments.m2.firstNonFinite != nil
    }
  }
}

extension Network {
  /// The path of BatchNorm number `index`.
  package func batchNormPath(_ index: Int) -> String {
    stages.filter { $0.content.batchNorm != nil }[index].path
  }

  /// The path of the first layer whose value in a shard has an element that is not finite; `input` for the input
  /// itself.
  package func firstNonFiniteLayer(in shard: ShardMemory) -> String? {
    if shard.input.elements.firstNonFinite != nil { return "input" }
    return stages.first { shard.value($0.wiring.output).elements.firstNonFinite != nil }?.path
  }
}
