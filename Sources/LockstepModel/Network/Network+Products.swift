/// The matrix products that a dense layer takes for every row: forward and weight gradient, and the input gradient
/// where something before it learns.
package struct DenseProducts: Sendable {
  package let inputs: Int
  package let units: Int
  /// Whether there is an input gradient: not for the first layer that learns, be it a BatchNorm before it.
  package let hasInputGradient: Bool

  /// Of a step, over one row.
  package var multiplyAdds: Double { Double(inputs) * Double(units) * (hasInputGradient ? 3 : 2) }
}

extension Network {
  /// Of the dense layers in the order of the way forward.
  package var products: [DenseProducts] {
    stages.compactMap { stage in
      guard let dense = stage.operation as? DenseOperation else { return nil }
      return DenseProducts(
        inputs: dense.wiring.inputWidth, units: dense.wiring.outputWidth,
        hasInputGradient: dense.wiring.needsInputGradient)
    }
  }
}
