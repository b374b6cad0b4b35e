import LockstepKernels

extension WorkerMemory {
  /// What one number of the last value that is an image owes to each number of the input: for every row the gradient,
  /// with respect to the row's input, of the value at the centre and of channel `channel(row)`, [rows, inputs].
  ///
  /// It follows the forward pass whose values stand in the memory, on this worker alone, which owns all shards, in a
  /// network whose stages are apart. Statistics of BatchNorms count as constants: through them everything in a shard
  /// depends on everything, a little. No gradient of a parameter is taken.
  ///
  /// - Returns: nil where no layer gives an image.
  package func inputGradient(ofLastImage pass: Pass, _ exchange: Exchange, channel: (Int) -> Int) -> Matrix? {
    let last = network.stages.lastIndex { $0.content.layer != nil && $0.wiring.outputShape.isImage }
    guard let last, case .image(let height, let width, let channels) = network.stages[last].wiring.outputShape else {
      return nil
    }
    let begin = network.stages[last].operation.outputGradient(all)
    begin.elements.fill(0)
    let centre = (height / 2 * width + width / 2) * channels
    for row in 0..<begin.rows { begin[row, centre + channel(row) % channels] = 1 }
    for stage in network.stages[...last].reversed() {
      var operation = stage.operation
      (operation.wiring.needsInputGradient, operation.wiring.isTrained) = (true, false)
      switch stage.content {
      case .shardBatchNorm(let tensors):
        for shard in shards { scale(shard, tensors, by: shard.inverseDeviation(tensors.place), operation) }
      case .synchronizedBatchNorm(let tensors, let joined):
        for shard in shards { scale(shard, tensors, by: exchange.join.inverseDeviation(joined), operation) }
      case .dense, .convolution, .depthwiseConvolution, .pooling, .flatten, .frozenBatchNorm, .function, .custom,
        .parametricReLU, .random, .residualBegin, .projection, .residualEnd:
        operation.backward(self, pass, exchange)
      }
    }
    return network.stages[0].operation.inputGradient(all)
  }

  /// dx = γ / σ · dy
  private func scale(_ shard: ShardMemory, _ norm: BatchNormTensors, by inverse: Vector, _ operation: any Operation) {
    let shape = operation.wiring.outputShape
    Normalization.backwardFixed(
      inverse: inverse, gamma: shard.parameter(norm.gamma), dy: operation.outputGradient(shard).positions(of: shape),
      into: operation.inputGradient(shard).positions(of: shape))
  }
}
