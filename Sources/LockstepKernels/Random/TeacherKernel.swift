internal import CKernels

/// A dense network that labels synthetic samples: `depth` hidden layers of `width` units with an activation, then
/// `outputs` linear units.
///
/// Each output of a row is a fused multiply-add chain over that row's values in a fixed order: rows never mix, and a
/// row's bits are the same alone or among others. `weights` belongs to whoever holds its arena.
package struct TeacherNetwork: Sendable {
  /// The most units of a layer, outputs included: a row's values stand on the stack.
  package static let maximumWidth = Int(LK_TEACHER_WIDTH)

  package let inputs: Int
  package let depth: Int
  package let width: Int
  package let outputs: Int
  package let activation: ActivationFunction
  private let weights: Vector

  /// - Parameter weights: `weightCount` values; see `row(_:of:)`.
  package init(inputs: Int, depth: Int, width: Int, outputs: Int, activation: ActivationFunction, weights: Vector) {
    let maximum = TeacherNetwork.maximumWidth
    precondition(inputs > 0 && depth >= 0 && width > 0 && width <= maximum && outputs > 0 && outputs <= maximum)
    (self.inputs, self.depth, self.width, self.outputs) = (inputs, depth, width, outputs)
    (self.activation, self.weights) = (activation, weights)
    precondition(
      weights.count == TeacherNetwork.weightCount(inputs: inputs, depth: depth, width: width, outputs: outputs))
  }

  /// Floats of a network's weights: for each layer its bias, then one row an input, every row padded.
  package static func weightCount(inputs: Int, depth: Int, width: Int, outputs: Int) -> Int {
    (0...depth).reduce(0) { sum, layer in
      sum + ((layer == 0 ? inputs : width) + 1) * paddedTableColumns(layer < depth ? width : outputs)
    }
  }

  /// Inputs of layer `layer`; layer `depth` is the output.
  package func inputs(of layer: Int) -> Int { layer == 0 ? inputs : width }

  /// Units of layer `layer`.
  package func units(of layer: Int) -> Int { layer < depth ? width : outputs }

  /// Row 0 of a layer is its bias, row i + 1 holds the weights of its input i: `units(of: layer)` values.
  package func row(_ row: Int, of layer: Int) -> Vector {
    precondition(layer >= 0 && layer <= depth && row >= 0 && row <= inputs(of: layer))
    let start = (0..<layer).reduce(0) { $0 + (inputs(of: $1) + 1) * paddedTableColumns(units(of: $1)) }
    let first = start + row * paddedTableColumns(units(of: layer))
    return weights[first..<first + units(of: layer)]
  }

  /// y[r, k] = output k for the row x[r].
  package func fillOutputs(_ x: Matrix, into y: Matrix) {
    precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
    withDescription { lk_teacher_rows($0, x.rows, x.elements.base, y.elements.base) }
  }

  /// labels[r, 0] = the k with the largest (output k − center[k]) · scale[k] for the row x[r], the first of equals.
  package func fillLabels(_ x: Matrix, center: Vector, scale: Vector, into labels: Matrix) {
    precondition(x.columns == inputs && labels.columns == 1 && x.rows == labels.rows)
    precondition(center.count == outputs && scale.count == outputs)
    withDescription { lk_teacher_labels($0, center.base, scale.base, x.rows, x.elements.base, labels.elements.base) }
  }

  private func withDescription(_ body: (UnsafePointer<lk_teacher>) -> Void) {
    var description = lk_teacher(
      inputs: inputs, depth: depth, width: width, outputs: outputs, activation: activation.kind,
      parameter: activation.parameter, weights: UnsafePointer(weights.base))
    withUnsafePointer(to: &description, body)
  }
}
