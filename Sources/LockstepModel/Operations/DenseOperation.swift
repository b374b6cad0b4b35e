import LockstepKernels

/// y = x W + b. Shapes: x [rows, inputs], W [inputs, units], b [units].
struct DenseOperation: Operation {
  let path: String
  /// Its place among the network's dense layers.
  let ordinal: Int
  let weight: ParameterLayout.Entry
  let bias: ParameterLayout.Entry?
  var wiring = Wiring()

  var gradientRange: Range<Int>? { weight.range.lowerBound..<(bias ?? weight).range.upperBound }

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let weight = memory.all.weight(weight)
    for portion in memory.forwardPortions(ordinal) { multiply(input(portion), weight, into: output(portion)) }
    if let bias { addBias(memory.all.parameter(bias), to: output(memory.all)) }
  }

  /// dW = xᵀ dy and db = Σ dy over each shard; dx = dy Wᵀ
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      let dy = outputGradient(shard)
      multiplyTransposingFirst(input(shard), dy, into: shard.weightGradient(weight))
      if let bias { columnSums(dy, into: shard.gradient(bias)) }
    }
    guard wiring.needsInputGradient else { return }
    let weight = memory.all.weight(weight)
    for portion in memory.backwardPortions(ordinal) {
      multiplyTransposingSecond(outputGradient(portion), weight, into: inputGradient(portion))
    }
  }
}
