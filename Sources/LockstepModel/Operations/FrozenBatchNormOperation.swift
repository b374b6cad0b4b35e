import LockstepKernels

/// BatchNorm that is not trained: normalised by the running statistics in training as in inference, so that it is an
/// affine map of every unit, and the rows know nothing of each other.
struct FrozenBatchNormOperation: LocalOperation {
  let tensors: BatchNormTensors
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards { tensors.infer(shard, input(shard), then: wiring.activation, into: output(shard)) }
  }

  /// dx = γ / √(running variance + epsilon) · dy
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    for shard in memory.shards {
      Normalization.backwardFixed(
        inverse: shard.inverseDeviation(tensors.place), gamma: shard.parameter(tensors.gamma),
        dy: outputGradient(shard), into: inputGradient(shard))
    }
  }
}
