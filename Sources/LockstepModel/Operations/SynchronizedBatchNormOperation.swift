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
    exchange.synchronizeMoments(at: tensors.place)
    endForward(memory, exchange)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    beginBackward(memory, exchange)
    exchange.synchronizeGradientSums(at: tensors.place)
    endBackward(memory, pass, exchange)
  }

  private var shape: Shape { wiring.outputShape }

  private func beginForward(_ memory: WorkerMemory) {
    let channels = memory.team.summedChannels(of: shape)
    memory.team.synchronizeRows(shape)
    for shard in memory.summedShards(shape) {
      var moments = shard.moments(tensors.place[channels])
      moments.measure(input(shard).positions(of: shape).columns(channels))
    }
  }

  private func endForward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let (part, channels) = (memory.part(of: shape), memory.team.channels(of: shape))
    let (join, joined) = (exchange.join, joined[channels])
    let moments = exchange.moments(at: tensors.place[channels])
    join.mean(joined).copy(from: moments.mean)
    join.meanLow(joined).copy(from: moments.meanLow)
    moments.inverseDeviation(epsilon: tensors.epsilon, into: join.inverseDeviation(joined))
    Normalization.forward(
      input(memory.all).part(part).positions(of: shape), mean: join.mean(joined), meanLow: join.meanLow(joined),
      inverse: join.inverseDeviation(joined), gamma: memory.all.parameter(tensors.gamma)[channels],
      beta: memory.all.parameter(tensors.beta)[channels], then: wiring.activation,
      into: output(memory.all).part(part).positions(of: shape))
  }

  private func beginBackward(_ memory: WorkerMemory, _ exchange: Exchange) {
    let channels = memory.team.summedChannels(of: shape)
    let (join, joined) = (exchange.join, joined[channels])
    memory.team.synchronizeRows(shape)
    for shard in memory.summedShards(shape) {
      let (gamma, beta) = (shard.gammaSum(tensors.place[channels]), shard.betaSum(tensors.place[channels]))
      Normalization.backwardSums(
        x: input(shard).positions(of: shape).columns(channels), mean: join.mean(joined),
        meanLow: join.meanLow(joined), inverse: join.inverseDeviation(joined),
        dy: outputGradient(shard).positions(of: shape).columns(channels), gammaGradient: gamma, betaGradient: beta)
      shard.gradient(tensors.gamma)[channels].copy(from: gamma)
      shard.gradient(tensors.beta)[channels].copy(from: beta)
    }
  }

  /// dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n and both sums the batch's
  private func endBackward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    guard wiring.needsInputGradient else { return }
    let (part, channels) = (memory.part(of: shape), memory.team.channels(of: shape))
    let (join, joined) = (exchange.join, joined[channels])
    let (gamma, beta) = exchange.gradientSums(at: tensors.place[channels])
    Normalization.backwardInput(
      x: input(memory.all).part(part).positions(of: shape), count: Double(pass.batchRows * shape.positions),
      mean: join.mean(joined), meanLow: join.meanLow(joined), inverse: join.inverseDeviation(joined),
      gamma: memory.all.parameter(tensors.gamma)[channels], gammaGradient: gamma, betaGradient: beta,
      dy: outputGradient(memory.all).part(part).positions(of: shape),
      into: inputGradient(memory.all).part(part).positions(of: shape))
  }
}
