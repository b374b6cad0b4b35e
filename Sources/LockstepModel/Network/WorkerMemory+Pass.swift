import LockstepKernels

extension WorkerMemory {
  /// The forward pass over the team's shards, whose inputs its members have written: every stage over all of them
  /// before the next, while its weights are in cache. When it is done, so is every member of the team.
  package func forward(_ pass: Pass, _ exchange: Exchange) {
    team.synchronize()
    for (index, stage) in network.stages.enumerated() {
      exchange.awaitParameters(of: index)
      stage.operation.forward(self, pass, exchange)
    }
    team.synchronize()
  }

  /// The backward pass, from the output gradients that the members have written to every parameter's gradient, summed
  /// over the nodes of the tree that the micro-batch holds whole, and with those of the micro-batches before. When the
  /// member is done, so is every other of its team with what it has done with weights.
  package func backward(_ pass: Pass, _ exchange: Exchange) {
    team.synchronize()
    for node in nodes { node.beginBackward() }
    let traffic = isLastMicroBatch ? exchange.traffic : nil
    for index in network.stages.indices.reversed() where network.stages[index].goesBackward {
      network.stages[index].operation.backward(self, pass, exchange)
      traffic?.pass(index, self)
    }
    traffic?.pass(0, self)
    team.synchronize()
    if let traffic { traffic.advance(self) } else { sumGradients(0..<network.parameters.count) }
  }

  /// Folds the batch's statistics into the running ones, for the BatchNorms whose running statistics are the worker's:
  /// running = momentum · running + (1 − momentum) · batch.
  ///
  /// They are always those of the whole batch, pooled over the shards along the tree.
  package func foldRunningStatistics(_ exchange: Exchange) {
    for index in exchange.ownNorms {
      let tensors = network.batchNorms[index]
      exchange.moments(at: tensors.place).fold(
        momentum: tensors.momentum, intoMean: all.runningStatistic(tensors.runningMean),
        variance: all.runningStatistic(tensors.runningVariance))
    }
  }

  /// Of all gradients that this member has summed in the last backward passes, over the nodes of the team.
  var largestGradient: Magnitude {
    teamNodes.reduce(into: Magnitude()) { $0.note($1.largest) }
  }

  /// Of all statistics of its share of the team's shards.
  var largestStatistic: Magnitude {
    team.share(of: teamShards.count).reduce(into: Magnitude()) { $0.note(teamShards[$1].largestStatistic) }
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
