import LockstepKernels

/// An operation with a weight: three products, a member's part of each. Whoever calls them has waited for what they
/// read.
protocol ProductOperation: LocalOperation {
  /// y
  func multiplyForOutput(_ memory: WorkerMemory, _ precision: Precision)
  /// The gradient of the weight, summed over the shards of every node.
  func multiplyForWeight(_ memory: WorkerMemory, _ precision: Precision)
  /// dx
  func multiplyForInput(_ memory: WorkerMemory, _ precision: Precision)

  /// The products alone: no bias, no activation.
  var withoutActivations: Self { get }
}

extension Operation {
  /// db = Σ dy over each shard's rows and positions.
  func sumBiasGradient(_ memory: WorkerMemory, _ bias: ParameterLayout.Place?) {
    guard let bias else { return }
    let channels = memory.team.summedChannels(of: wiring.outputShape)
    for shard in memory.summedShards(wiring.outputShape) {
      columnSums(
        outputGradient(shard).positions(of: wiring.outputShape).columns(channels),
        into: shard.gradient(bias)[channels])
    }
  }
}
