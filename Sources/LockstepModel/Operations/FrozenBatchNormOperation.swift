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
    let columns = memory.team.columns(of: tensors.place.width)
    for shard in memory.shards {
      let part = memory.part(of: shard, width: tensors.place.width)
      Normalization.backwardFixed(
        inverse: shard.inverseDeviation(tensors.place[columns]), gamma: shard.parameter(tensors.gamma)[columns],
        dy: outputGradient(shard).part(part), into: inputGradient(shard).part(part))
    }
  }
}
