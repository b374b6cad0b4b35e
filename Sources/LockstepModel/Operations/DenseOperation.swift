import LockstepKernels

/// y = x W + b. Shapes: x [rows, inputs], W [inputs, units], b [units].
struct DenseOperation: Operation {
  let path: String
  let weight: ParameterLayout.Entry
  let bias: ParameterLayout.Entry?
  var wiring = Wiring()

  func forward(_ shard: ShardMemory, _ pass: Pass) {
    let y = output(shard)
    multiply(input(shard), shard.weight(weight), into: y)
    if let bias { addBias(shard.parameter(bias), to: y) }
  }

  /// dW = xᵀ dy, db = Σ dy, dx = dy Wᵀ
  func backward(_ shard: ShardMemory, _ pass: Pass) {
    let dy = outputGradient(shard)
    let dW = shard.gradient(weight).matrix(rows: weight.shape[0], columns: weight.shape[1])
    multiplyTransposingFirst(input(shard), dy, into: dW)
    if let bias { columnSums(dy, into: shard.gradient(bias)) }
    if wiring.needsInputGradient {
      multiplyTransposingSecond(dy, shard.weight(weight), into: inputGradient(shard))
    }
  }
}
