import LockstepKernels

/// y = f(x · W + b), · a matrix product or a convolution and f the activation that follows, if any: three products, of
/// which a member makes its part.
protocol ProductOperation: LocalOperation {
  var weight: ParameterLayout.Place { get }
  var bias: ParameterLayout.Place? { get set }

  // The three products. Whoever calls them has waited for what they read.

  /// y
  func multiplyForOutput(_ memory: WorkerMemory, _ precision: Precision)
  /// The gradient of the weight, summed over the shards of every node.
  func multiplyForWeight(_ memory: WorkerMemory, _ precision: Precision)
  /// dx
  func multiplyForInput(_ memory: WorkerMemory, _ precision: Precision)
}

extension ProductOperation {
  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    // A row of the product takes every column of its input. The batch's input stands there already.
    if wiring.input != 0 { memory.team.synchronize(from: wiring.inputShape, to: wiring.outputShape) }
    multiplyForOutput(memory, pass.precision)
  }

  /// dW and db = Σ dy over each shard's rows and positions, dW summed over the shards of a node at once; dx
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    memory.team.synchronize()
    if wiring.isTrained {
      multiplyForWeight(memory, pass.precision)
      sumBiasGradient(memory)
    }
    if wiring.needsInputGradient { multiplyForInput(memory, pass.precision) }
  }

  private func sumBiasGradient(_ memory: WorkerMemory) {
    guard let bias else { return }
    let channels = memory.team.summedChannels(of: wiring.outputShape)
    for shard in memory.summedShards(wiring.outputShape) {
      columnSums(
        outputGradient(shard).positions(of: wiring.outputShape).columns(channels),
        into: shard.gradient(bias)[channels])
    }
  }

  /// The products alone: no bias, no activation.
  var productsAlone: Self {
    var operation = self
    operation.bias = nil
    (operation.wiring.activation, operation.wiring.inputActivation) = (nil, nil)
    return operation
  }
}
