import LockstepKernels

/// The products that a layer with a weight takes for every row: forward and weight gradient, and the input gradient
/// where something before it learns.
package struct LayerProducts: Sendable {
  /// The matrix W of y = x W, or the filters of y = x ∗ W.
  package let weight: TensorShape
  /// What the layer reads.
  package let input: Shape
  /// What it gives.
  package let output: Shape
  /// Whether there is a weight gradient: not where the layer is frozen.
  package let hasWeightGradient: Bool
  /// Whether there is an input gradient: not for the first layer that learns, be it a BatchNorm before it.
  package let hasInputGradient: Bool

  /// Inputs of the product x W: rows of the weight.
  package var inputs: Int { weight.rows }
  /// Outputs of the product x W: columns of the weight.
  package var units: Int { weight.columns }
  /// Positions of a row at which the weight is applied: those of the layer's output.
  package var positions: Int { output.positions }

  /// Of the forward product alone, over one row.
  package var forwardMultiplyAdds: Double { weight.multiplyAdds * Double(positions) }

  /// Of a step, over one row.
  package var multiplyAdds: Double {
    forwardMultiplyAdds * (1 + (hasWeightGradient ? 1 : 0) + (hasInputGradient ? 1 : 0))
  }
}

extension ConvolutionShape {
  /// Of the weight.
  var weight: TensorShape {
    .filters(height: kernel.height, width: kernel.width, channels: channels, filters: filters)
  }

  /// Of the weight of a depthwise convolution.
  var depthwiseWeight: TensorShape { .depthwise(height: kernel.height, width: kernel.width, channels: channels) }
}

extension Network {
  /// Of the layers with weights in the order of the forward pass.
  package var products: [LayerProducts] {
    stages.compactMap { stage in
      stage.content.weightShape.map {
        LayerProducts(
          weight: $0, input: stage.wiring.inputShape, output: stage.wiring.outputShape,
          hasWeightGradient: stage.wiring.isTrained, hasInputGradient: stage.wiring.needsInputGradient)
      }
    }
  }

  /// Of the matrix products among them, as scratch memory is counted by: the whole, and what of it is the member's.
  func productShapes(of team: Team) -> [(inputs: Int, units: Int)] {
    products.filter { if case .matrix = $0.weight { true } else { false } }.flatMap { product in
      [
        (product.inputs, product.units),
        (team.rows(product.inputs, width: product.units).count, team.columns(of: product.units).count),
      ]
    }
  }

  /// Float32 elements of scratch that its convolutions take.
  func convolutionElements(_ precision: Precision, shards: Int) -> Int {
    let shards = max(1, shards)
    return stages.reduce(0) { most, stage in
      switch stage.content {
      case .convolution(_, _, let shape):
        [precision, .float32].reduce(most) {
          max($0, ConvolutionScratch.elements(shape, precision: $1, shards: shards))
        }
      case .depthwiseConvolution(_, _, let shape):
        max(most, ConvolutionScratch.elements(depthwise: shape, shards: shards))
      case .dense, .pooling, .flatten, .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function,
        .custom, .parametricReLU, .random, .residualBegin, .projection, .residualEnd:
        most
      }
    }
  }
}
