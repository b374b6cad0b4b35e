import LockstepKernels

/// BatchNorm in which all shards are normalised by the mean and biased variance of the whole batch, and the two sums of
/// the backward pass run over the whole batch as well.
///
/// Each pass has two halves with a barrier between. Every worker joins the shards' statistics for itself along the
/// tree: equal bits everywhere, and one barrier instead of two.
struct SynchronizedBatchNormOperation: Operation {
  let tensors: BatchNormTensors
  /// Where a worker keeps what it has joined.
  let joined: JoinPlace
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    beginForward(memory, pass)
    if pass.mode == .inference { return }
    exchange.synchronize()
    endForward(memory, exchange)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    beginBackward(memory, exchange)
    exchange.synchronize()
    endBackward(memory, pass, exchange)
  }

  private func beginForward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      if pass.mode == .inference {
        tensors.infer(shard, input(shard), then: wiring.activation, into: output(shard))
      } else {
        var moments = shard.moments(tensors.place)
        moments.measure(input(shard))
      }
    }
  }

  private func endForward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let join = exchange.join
    let moments = exchange.moments(at: tensors.place)
    join.mean(joined).copy(from: moments.mean)
    join.meanLow(joined).copy(from: moments.meanLow)
    moments.inverseDeviation(epsilon: tensors.epsilon, into: join.inverseDeviation(joined))
    Normalization.forward(
      input(memory.all), mean: join.mean(joined), meanLow: join.meanLow(joined), inverse: join.inverseDeviation(joined),
      gamma: memory.all.parameter(tensors.gamma), beta: memory.all.parameter(tensors.beta), then: wiring.activation,
      into: output(memory.all))
  }

  private func beginBackward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let join = exchange.join
    for shard in memory.shards {
      let (gamma, beta) = (shard.gammaSum(tensors.place), shard.betaSum(tensors.place))
      Normalization.backwardSums(
        x: input(shard), mean: join.mean(joined), meanLow: join.meanLow(joined), inverse: join.inverseDeviation(joined),
        dy: outputGradient(shard), gammaGradient: gamma, betaGradient: beta)
      shard.gradient(tensors.gamma).copy(from: gamma)
      shard.gradient(tensors.beta).copy(from: beta)
    }
  }

  /// dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n and both sums the batch's
  private func endBackward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    guard wiring.needsInputGradient else { return }
    let join = exchange.join
    let (gamma, beta) = exchange.gradientSums(at: tensors.place)
    Normalization.backwardInput(
      x: input(memory.all), count: Double(pass.batchRows), mean: join.mean(joined), meanLow: join.meanLow(joined),
      inverse: join.inverseDeviation(joined), gamma: memory.all.parameter(tensors.gamma), gammaGradient: gamma,
      betaGradient: beta, dy: outputGradient(memory.all), into: inputGradient(memory.all))
  }
}
