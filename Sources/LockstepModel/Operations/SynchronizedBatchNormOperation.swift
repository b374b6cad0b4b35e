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
    if pass.mode == .inference { return tensors.infer(memory, wiring) }
    beginForward(memory)
    exchange.synchronize()
    endForward(memory, exchange)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    beginBackward(memory, exchange)
    exchange.synchronize()
    endBackward(memory, pass, exchange)
  }

  private var width: Int { tensors.place.width }

  private func beginForward(_ memory: WorkerMemory) {
    let columns = memory.team.columns(of: width)
    memory.team.synchronizeRows(width)
    for shard in memory.shards(width: width) {
      var moments = shard.moments(tensors.place[columns])
      moments.measure(input(shard).columns(columns))
    }
  }

  private func endForward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let part = memory.part(of: width)
    let (join, joined) = (exchange.join, joined[part.columns])
    let moments = exchange.moments(at: tensors.place[part.columns])
    join.mean(joined).copy(from: moments.mean)
    join.meanLow(joined).copy(from: moments.meanLow)
    moments.inverseDeviation(epsilon: tensors.epsilon, into: join.inverseDeviation(joined))
    Normalization.forward(
      input(memory.all).part(part), mean: join.mean(joined), meanLow: join.meanLow(joined),
      inverse: join.inverseDeviation(joined), gamma: memory.all.parameter(tensors.gamma)[part.columns],
      beta: memory.all.parameter(tensors.beta)[part.columns], then: wiring.activation,
      into: output(memory.all).part(part))
  }

  private func beginBackward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let columns = memory.team.columns(of: width)
    let (join, joined) = (exchange.join, joined[columns])
    memory.team.synchronizeRows(width)
    for shard in memory.shards(width: width) {
      let (gamma, beta) = (shard.gammaSum(tensors.place[columns]), shard.betaSum(tensors.place[columns]))
      Normalization.backwardSums(
        x: input(shard).columns(columns), mean: join.mean(joined), meanLow: join.meanLow(joined),
        inverse: join.inverseDeviation(joined), dy: outputGradient(shard).columns(columns), gammaGradient: gamma,
        betaGradient: beta)
      shard.gradient(tensors.gamma)[columns].copy(from: gamma)
      shard.gradient(tensors.beta)[columns].copy(from: beta)
    }
  }

  /// dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n and both sums the batch's
  private func endBackward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    guard wiring.needsInputGradient else { return }
    let part = memory.part(of: width)
    let (join, joined) = (exchange.join, joined[part.columns])
    let (gamma, beta) = exchange.gradientSums(at: tensors.place[part.columns])
    Normalization.backwardInput(
      x: input(memory.all).part(part), count: Double(pass.batchRows), mean: join.mean(joined),
      meanLow: join.meanLow(joined), inverse: join.inverseDeviation(joined),
      gamma: memory.all.parameter(tensors.gamma)[part.columns], gammaGradient: gamma, betaGradient: beta,
      dy: outputGradient(memory.all).part(part), into: inputGradient(memory.all).part(part))
  }
}
