import LockstepKernels
import LockstepModel

/// Holds what a layer gives in bfloat16 against what it gives in float32, pass by pass.
final class RoundingRecord {
  private let outputs: Arena
  private let gradients: Arena
  private let exact: UnitStatistics
  private let difference: UnitStatistics
  private var gradientSquares = (exact: 0.0, difference: 0.0)
  private var gradientElements = (present: 0, flushed: 0)

  /// - Parameter rows: of a batch, at most.
  init(_ layer: NetworkLayer, rows: Int) {
    (outputs, gradients) = (Arena(count: rows * layer.units), Arena(count: rows * layer.units))
    (exact, difference) = (UnitStatistics(units: layer.units), UnitStatistics(units: layer.units))
  }

  /// Bytes that the records of all layers take.
  static func bytes(_ network: Network, rows: Int) -> Int {
    network.layers.reduce(0) { $0 + 2 * rows * $1.units * MemoryLayout<Float>.stride }
  }

  // MARK: The pass in float32, which comes first

  func keep(output: Matrix) {
    exact.add(output)
    outputs.vector(at: 0, count: output.count).copy(from: output.elements)
  }

  func keep(gradient: Matrix) {
    let kept = gradients.vector(at: 0, count: gradient.count)
    kept.copy(from: gradient.elements)
    gradientSquares.exact += kept.sumOfSquares
    for element in kept.array where element != 0 {
      gradientElements.present += 1
      gradientElements.flushed += element.bfloat16 == 0 ? 1 : 0
    }
  }

  // MARK: The pass in bfloat16

  func compare(output: Matrix) {
    let kept = outputs.matrix(at: 0, rows: output.rows, columns: output.columns)
    subtract(kept.elements, from: output.elements, into: kept.elements)
    difference.add(kept)
  }

  func compare(gradient: Matrix) {
    let kept = gradients.vector(at: 0, count: gradient.count)
    subtract(kept, from: gradient.elements, into: kept)
    gradientSquares.difference += kept.sumOfSquares
  }

  // MARK: What came of them

  /// Of what tells samples apart, the share that rounding has changed; nil where nothing does.
  var signal: Double? {
    let spread = exact.meanDeviation
    return spread > 0 ? difference.meanDeviation / spread : nil
  }

  /// ‖difference of the gradients‖ / ‖gradient in float32‖; nil where there is none.
  var gradient: Double? {
    gradientSquares.exact > 0 ? (gradientSquares.difference / gradientSquares.exact).squareRoot() : nil
  }

  /// Of the gradient's elements that are not 0 in float32, the share that is 0 as an operand in bfloat16.
  var flushed: Double? {
    gradientElements.present > 0 ? Double(gradientElements.flushed) / Double(gradientElements.present) : nil
  }
}
