import LockstepKernels

/// y = f(x W + b), f the activation that follows, if any. Shapes: x [rows, inputs], W [inputs, units], b [units].
struct DenseOperation: LocalOperation {
  let weight: ParameterLayout.Place
  let bias: ParameterLayout.Place?
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let all = memory.all
    multiply(
      input(all), all.weight(weight), bias: bias.map { all.parameter($0) }, then: wiring.activation, into: output(all),
      scratch: memory.products)
  }

  /// dW = xᵀ dy and db = Σ dy over each shard, dW summed over the shards of a node at once; dx = dy Wᵀ
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isTrained { differentiateParameters(memory) }
    guard wiring.needsInputGradient else { return }
    let all = memory.all
    multiplyTransposingSecond(
      outputGradient(all), all.weight(weight), throughInput: wiring.inputActivation.map { ($0, input(all)) },
      into: inputGradient(all), scratch: memory.products)
  }

  private func differentiateParameters(_ memory: WorkerMemory) {
    for node in memory.nodes {
      node.note(
        notedWeightGradient(
          x: input(node), dy: outputGradient(node), shardRows: node.shardRows, into: node.weightGradient(weight),
          scratch: memory.products))
    }
    if let bias {
      for shard in memory.shards { columnSums(outputGradient(shard), into: shard.gradient(bias)) }
    }
  }
}
