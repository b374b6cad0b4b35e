import LockstepKernels

/// BatchNorm that is not trained: normalised by the running statistics in training as in inference, so that it is an
/// affine map of every unit, and the rows know nothing of each other.
struct FrozenBatchNormOperation: LocalOperation {
  let tensors: BatchNormTensors
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    tensors.infer(memory, wiring)
  }

  /// dx = γ / √(running variance + epsilon) · dy
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    let shape = wiring.outputShape
    let channels = memory.team.channels(of: shape)
    for shard in memory.shards {
      let part = memory.part(of: shard, shape: shape)
      Normalization.backwardFixed(
        inverse: shard.inverseDeviation(tensors.place[channels]), gamma: shard.parameter(tensors.gamma)[channels],
        dy: outputGradient(shard).part(part).positions(of: shape),
        into: inputGradient(shard).part(part).positions(of: shape))
    }
  }
}
