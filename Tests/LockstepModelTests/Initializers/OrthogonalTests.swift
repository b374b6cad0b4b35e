import LockstepKernels
import TestSupport
import Testing

@testable import LockstepModel

/// Saxe, McClelland, Ganguli 2013: the shorter side's vectors are orthonormal, times the gain.
@Suite struct OrthogonalTests {
  private let memory = TestMemory()

  @Test(arguments: [(1, 1), (1, 9), (9, 1), (5, 5), (64, 64), (129, 37), (37, 129), (3, 2), (100, 101)])
  func vectorsAreOrthonormal(rows: Int, columns: Int) {
    let gains: [Float] = [1, 1.4142135, 0.1]
    for (seed, gain) in zip(testSeeds, gains) {
      let q = draw(rows, columns, gain, seed).doubles
      let count = min(rows, columns)
      let vectors = rows >= columns ? Reference.transposed(q, rows: rows, columns: columns) : q
      let length = max(rows, columns)
      func vector(_ v: Int) -> [Double] { Array(vectors[v * length..<(v + 1) * length]) }
      let square = Double(gain) * Double(gain)
      for a in 0..<count {
        for b in 0...a {
          let product = dotProduct(vector(a), vector(b))
          // An element carries a rounding of 6e-8 of its own size: √length of them make 1e-7 of the vectors' norms.
          if abs(product - (a == b ? square : 0)) > 1e-6 * square {
            Issue.record("\(rows) × \(columns), seed \(seed): vectors \(a) and \(b) have the product \(product)")
            return
          }
        }
      }
    }
  }

  /// A vector, such as a bias, is one of them.
  @Test func vector() {
    let out = memory.vector(count: 12)
    Initializer.orthogonal(gain: 3).fill(out, shape: .vector(12), key: RandomKey(seed: 1, purpose: .initialization))
    expectClose(actual: dotProduct(out.array.doubles, out.array.doubles), expected: 9)
  }

  /// The sign of no element is favoured, as it would be by a QR that makes the diagonal positive.
  @Test func signsAreFair() {
    let positive = (1...400).reduce(0) { $0 + (draw(2, 2, 1, UInt64($1))[0] > 0 ? 1 : 0) }
    #expect((160...240).contains(positive), "\(positive) of 400 first elements are positive")
  }

  private func draw(_ rows: Int, _ columns: Int, _ gain: Float, _ seed: UInt64) -> [Float] {
    let out = memory.vector(count: rows * columns)
    Initializer.orthogonal(gain: gain).fill(
      out, shape: .matrix(inputs: rows, units: columns), key: RandomKey(seed: seed, purpose: .initialization))
    return out.array
  }
}
