import LockstepKernels

/// Gathers in how many directions a layer's values differ from sample to sample: the participation ratio of the
/// eigenvalues λ of their covariance, over the first rows that are seen.
///
/// ```
/// (Σ λ)² / Σ λ²        1 where all samples lie on a line, k where they differ alike in k directions
/// ```
///
/// With Y the rows less their mean, that is (tr Y Yᵀ)² / ‖Y Yᵀ‖², so no eigenvalue is needed — Gao et al. 2017,
/// https://doi.org/10.1101/214262; the bound on the rank of Daneshmand, Kohler, Bach, Hofmann, Lucchi 2020,
/// https://arxiv.org/abs/2003.01652
final class RankRecord {
  /// Rows that are kept, at most: of more directions than that nothing is known.
  private static let most = 256
  /// Rows that are kept, at least, however large the layer is.
  private static let fewest = 32
  /// Numbers that are kept where fewer rows do.
  private static let elements = 1 << 20

  private let kept: Matrix
  private let memory: Arena
  private var rows = 0

  init(units: Int) {
    let rows = min(Self.most, max(Self.fewest, Self.elements / max(1, units)))
    memory = Arena(count: rows * units)
    kept = memory.matrix(at: 0, rows: rows, columns: units)
  }

  /// Bytes that records of layers with so many units take, with what they need at the end.
  static func bytes(units: [Int]) -> Int {
    units.reduce(0) { $0 + min(most, max(fewest, elements / max(1, $1))) * $1 * MemoryLayout<Float>.stride }
      + most * most * MemoryLayout<Float>.stride
  }

  func add(output: Matrix) {
    let taken = min(output.rows, kept.rows - rows)
    if taken <= 0 { return }
    for row in 0..<taken { kept.row(rows + row).copy(from: output.row(row)) }
    rows += taken
  }

  /// Nil where it is of fewer than two samples, or none of them differ, or numbers are not finite. What was kept is
  /// used up.
  func ratio() -> Double? {
    guard rows > 1 else { return nil }
    let values = kept.rows(0..<rows)
    for column in 0..<values.columns {
      let mean = (0..<rows).reduce(0) { $0 + Double(values[$1, column]) } / Double(rows)
      for row in 0..<rows { values[row, column] = Float(Double(values[row, column]) - mean) }
    }
    let product = Arena(count: rows * rows)
    let gram = product.matrix(at: 0, rows: rows, columns: rows)
    multiplyTransposingSecond(values, values, into: gram, scratch: ProductScratch())
    let trace = (0..<rows).reduce(0) { $0 + Double(gram[$1, $1]) }
    let square = gram.elements.sumOfSquares
    let ratio = trace * trace / square
    return trace > 0 && ratio.isFinite ? ratio : nil
  }
}
