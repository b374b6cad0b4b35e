import LockstepKernels

/// BatchNorm in which all shards are normalised by the mean and biased variance of the whole batch, and the two sums of the way back run over the
/// whole batch as well.
///
/// Each way has two halves with a barrier between: `begin` for all shards, barrier, `join`, `end` for all shards. Every worker joins the shards'
/// statistics for itself along the tree: equal bits everywhere, and one barrier instead of two.
struct SynchronizedBatchNormOperation: Wired {
  let path: String
  let tensors: BatchNormTensors
  /// Where a worker keeps what it has joined.
  let joined: JoinPlace
  var wiring = Wiring()

  func beginForward(_ shard: ShardMemory, _ pass: Pass) {
    if pass.mode == .inference { return tensors.infer(shard, input(shard), into: output(shard)) }
    var moments = shard.moments(tensors.place)
    moments.measure(input(shard))
  }

  func joinForward(_ all: [ShardMemory], _ join: JoinMemory) {
    let moments = join.mergedMoments(of: all, at: tensors.place)
    join.mean(joined).copy(from: moments.mean)
    moments.inverseDeviation(epsilon: tensors.epsilon, into: join.inverseDeviation(joined))
  }

  func endForward(_ shard: ShardMemory, _ join: JoinMemory) {
    Normalization.forward(
      input(shard), mean: join.mean(joined), inverse: join.inverseDeviation(joined),
      gamma: shard.parameter(tensors.gamma), beta: shard.parameter(tensors.beta), into: output(shard))
  }

  func beginBackward(_ shard: ShardMemory, _ join: JoinMemory) {
    Normalization.backwardSums(
      x: input(shard), mean: join.mean(joined), inverse: join.inverseDeviation(joined), dy: outputGradient(shard),
      gammaGradient: shard.gradient(tensors.gamma), betaGradient: shard.gradient(tensors.beta))
  }

  func joinBackward(_ join: JoinMemory) {
    join.sumGradients(tensors.gamma, into: join.gammaGradient(joined))
    join.sumGradients(tensors.beta, into: join.betaGradient(joined))
  }

  /// dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n and both sums the batch's
  func endBackward(_ shard: ShardMemory, _ pass: Pass, _ join: JoinMemory) {
    guard wiring.needsInputGradient else { return }
    Normalization.backwardInput(
      x: input(shard), count: Double(pass.batchRows), mean: join.mean(joined), inverse: join.inverseDeviation(joined),
      gamma: shard.parameter(tensors.gamma), gammaGradient: join.gammaGradient(joined),
      betaGradient: join.betaGradient(joined), dy: outputGradient(shard), into: inputGradient(shard))
  }
}
