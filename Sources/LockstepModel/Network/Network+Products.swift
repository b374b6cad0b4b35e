/// The matrix products that a layer with a weight takes for every row: forward and weight gradient, and the input
/// gradient where something before it learns.
package struct LayerProducts: Sendable {
  /// The matrix W of y = x W.
  package let weight: TensorShape
  /// Positions of a row at which the weight is applied: those of the layer's output.
  package let positions: Int
  /// Whether there is a weight gradient: not where the layer is frozen.
  package let hasWeightGradient: Bool
  /// Whether there is an input gradient: not for the first layer that learns, be it a BatchNorm before it.
  package let hasInputGradient: Bool

  /// Inputs of the product x W: rows of the weight.
  package var inputs: Int { weight.rows }
  /// Outputs of the product x W: columns of the weight.
  package var units: Int { weight.columns }

  /// Of the forward product alone, over one row.
  package var forwardMultiplyAdds: Double { weight.multiplyAdds * Double(positions) }

  /// Of a step, over one row.
  package var multiplyAdds: Double {
    forwardMultiplyAdds * (1 + (hasWeightGradient ? 1 : 0) + (hasInputGradient ? 1 : 0))
  }
}

extension Network {
  /// Of the layers with weights in the order of the forward pass.
  package var products: [LayerProducts] {
    stages.compactMap { stage in
      switch stage.content {
      case .dense(let weight, _):
        LayerProducts(
          weight: .matrix(inputs: weight.rows, units: weight.columns), positions: stage.wiring.outputShape.positions,
          hasWeightGradient: stage.wiring.isTrained, hasInputGradient: stage.wiring.needsInputGradient)
      case .shardBatchNorm, .synchronizedBatchNorm, .frozenBatchNorm, .function, .parametricReLU, .random,
        .residualBegin,
        .residualEnd:
        nil
      }
    }
  }

  /// Of the same products, as scratch memory is counted by: the whole, and what of it is the member's.
  func productShapes(of team: Team) -> [(inputs: Int, units: Int)] {
    products.flatMap { product in
      [
        (product.inputs, product.units),
        (team.rows(product.inputs, width: product.units).count, team.columns(of: product.units).count),
      ]
    }
  }
}
