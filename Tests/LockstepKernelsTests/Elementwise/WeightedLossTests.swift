import LockstepKernels
import TestSupport
import Testing

/// A weight multiplies a row's loss and gradient once they are computed.
@Suite struct WeightedLossTests {
  private typealias Loss = @Sendable (_ x: Matrix, _ y: Matrix, _ weights: Vector?, _ gradient: Matrix?) -> Double

  private static let elementwise: [(String, Loss)] = [
    ("squared error", { LossKernels.squaredError($0, $1, weights: $2, scale: 0.3, gradient: $3) }),
    ("absolute error", { LossKernels.absoluteError($0, $1, weights: $2, scale: 0.3, gradient: $3) }),
    ("Huber", { LossKernels.huber($0, $1, delta: 1.5, weights: $2, scale: 0.3, gradient: $3) }),
    (
      "binary cross entropy",
      { LossKernels.binaryCrossEntropy(logits: $0, targets: $1, weights: $2, scale: 0.3, gradient: $3).sum }
    ),
  ]

  private static let classes: Loss = {
    LossKernels.softmaxCrossEntropy(logits: $0, labels: $1, smoothing: 0.1, weights: $2, scale: 0.3, gradient: $3).sum
  }

  private let memory = TestMemory()

  /// Rows and columns whose blocks of 256 elements end within rows, and rows longer than a block.
  @Test(arguments: [(0, 3), (1, 1), (7, 1), (300, 1), (257, 2), (100, 7), (5, 300), (3, 1000)])
  func elementwiseLosses(_ rows: Int, _ columns: Int) {
    var generator = SeededGenerator(seed: 3)
    let x = memory.matrix(generator.normal(rows * columns), rows: rows, columns: columns)
    let y = memory.matrix(generator.labels(rows * columns, below: 2), rows: rows, columns: columns)
    for (name, loss) in Self.elementwise {
      check(name, loss, x, y, weights: generator.uniform(rows, in: 0...4))
    }
  }

  /// On both sides of the change from rows in lanes to classes in lanes.
  @Test(arguments: [(0, 3), (1, 2), (17, 5), (33, 10), (40, 32), (40, 33), (5, 257)])
  func softmaxCrossEntropy(_ rows: Int, _ columns: Int) {
    var generator = SeededGenerator(seed: 3)
    let x = memory.matrix(generator.normal(rows * columns).map { $0 * 3 }, rows: rows, columns: columns)
    let y = memory.matrix(generator.labels(rows, below: columns), rows: rows, columns: 1)
    check("softmax", Self.classes, x, y, weights: generator.uniform(rows, in: 0...4))
  }

  private func check(_ name: String, _ loss: Loss, _ x: Matrix, _ y: Matrix, weights: [Float]) {
    let (rows, columns, what) = (x.rows, x.columns, "\(name), \(x.rows) × \(x.columns)")
    func vector(_ values: [Float]) -> Vector { memory.matrix(values, rows: rows, columns: 1).elements }
    let plain = memory.matrix(rows: rows, columns: columns)
    let sum = loss(x, y, nil, plain)

    let ones = memory.matrix(rows: rows, columns: columns)
    let sumOfOnes = loss(x, y, vector([Float](repeating: 1, count: rows)), ones)
    #expect(sumOfOnes.bitPattern == sum.bitPattern, "\(what): weights of 1 are none")
    expectSameBits(ones.array, plain.array, "\(what): weights of 1 are none")

    let weighted = memory.matrix(rows: rows, columns: columns)
    let sumOfWeighted = loss(x, y, vector(weights), weighted)
    #expect(loss(x, y, vector(weights), nil) == sumOfWeighted, "\(what): without a gradient")
    let expected = (0..<rows).flatMap { row in plain.row(row).array.map { $0 * weights[row] } }
    expectSameBits(weighted.array, expected, "\(what): the gradient times the weight")
    let terms = (0..<rows).map { row in
      Double(weights[row]) * loss(x.rows(row..<row + 1), y.rows(row..<row + 1), nil, nil)
    }
    expectClose(actual: sumOfWeighted, expected: terms.reduce(0, +), "\(what): the sum of the rows' losses")
  }
}
