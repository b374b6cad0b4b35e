import LockstepKernels
import TestSupport
import Testing

/// A matrix of many rows and few columns, as images are: its elements have the bits of a row on its own, and its sums
/// are those of the order that the shape alone fixes, whatever is read side by side.
@Suite struct FewColumnsTests {
  let memory = TestMemory()

  static let columns = [1, 3, 8, 12, 16, 24, 31, 48, 64, 80, 100, 127, 129, 300, 1040]
  static let rows = [0, 1, 5, 63, 200, 1100]

  @Test(arguments: columns) func elements(_ columns: Int) {
    for rows in Self.rows {
      // In a matrix of their own, and among the columns of a wider one.
      for width in [columns, columns + 5] {
        var generator = SeededGenerator(seed: UInt64(rows + width))
        let all = (0..<2).map { _ in memory.matrix(generator.normal(rows * width), rows: rows, columns: width) }
        let (x, dy) = (all[0].columns(0..<columns), all[1].columns(0..<columns))
        let of = (0..<6).map { _ in memory.vector(generator.uniform(columns, in: 0.5...1.5)) }
        for (name, pass) in passes(x, dy, of) {
          let (together, alone) = (
            memory.matrix(rows: rows, columns: width), memory.matrix(rows: rows, columns: width)
          )
          pass(0..<rows, together.columns(0..<columns))
          for row in 0..<rows { pass(row..<row + 1, alone.columns(0..<columns).rows(row..<row + 1)) }
          expectSameBits(together.array, alone.array, "\(name), \(rows) × \(columns) of \(width)")
        }
      }
    }
  }

  @Test(arguments: columns) func sums(_ columns: Int) {
    for rows in Self.rows {
      var generator = SeededGenerator(seed: UInt64(rows + columns))
      let (x, dy) = (generator.normal(rows * columns), generator.normal(rows * columns))
      let mean = generator.normal(columns)
      let (xs, dys) = (
        memory.matrix(x, rows: rows, columns: columns), memory.matrix(dy, rows: rows, columns: columns)
      )
      let sums = (0..<4).map { _ in memory.vector(count: columns) }
      let (zeros, ones) = (memory.vector(count: columns, filledWith: 0), memory.vector(count: columns, filledWith: 1))
      columnSums(xs, into: sums[0])
      parametricReLUSums(x: xs, dy: dys, into: sums[1])
      Normalization.backwardSums(
        x: xs, mean: memory.vector(mean), meanLow: zeros, inverse: ones, dy: dys, gammaGradient: sums[2],
        betaGradient: sums[3])
      let expected = [
        inOrder(rows, columns) { x[$0] },
        inOrder(rows, columns) { dy[$0] * min(x[$0], 0) },
        inOrder(rows, columns) { dy[$0] * (x[$0] - mean[$0 % columns]) },
        inOrder(rows, columns) { dy[$0] },
      ]
      for (i, name) in ["sums", "slopes", "centred products", "beside"].enumerated() {
        expectSameBits(sums[i].array, expected[i], "\(name), \(rows) × \(columns)")
      }
    }
  }

  /// Every elementwise pass, of some rows into a matrix of as many.
  private func passes(
    _ x: Matrix, _ dy: Matrix, _ of: [Vector]
  ) -> [(String, (Range<Int>, Matrix) -> Void)] {
    let functions: [ActivationFunction?] = [nil, .relu, .leakyReLU(negativeSlope: 0.3), .elu(alpha: 0.7)]
    let normalizations = functions.flatMap { function in
      [nil, of[5]].map { low in
        (
          "BatchNorm, \(function.map { "\($0)" } ?? "no activation")",
          { (rows: Range<Int>, y: Matrix) in
            Normalization.forward(
              x.rows(rows), mean: of[0], meanLow: low, inverse: of[1], gamma: of[2], beta: of[3], then: function,
              into: y)
          }
        )
      }
    }
    let shared = memory.vector([0.25])
    let rectifiers = [of[0], shared].flatMap { slope in
      [
        ("PReLU", { (rows: Range<Int>, y: Matrix) in parametricReLU(x.rows(rows), slope: slope, into: y) }),
        (
          "PReLU's gradient",
          { rows, dx in parametricReLUBackward(x: x.rows(rows), slope: slope, dy: dy.rows(rows), into: dx) }
        ),
      ]
    }
    return normalizations + rectifiers + [
      (
        "BatchNorm's gradient",
        { rows, dx in
          Normalization.backwardInput(
            x: x.rows(rows), count: 99, mean: of[0], meanLow: of[5], inverse: of[1], gamma: of[2],
            gammaGradient: of[3], betaGradient: of[4], dy: dy.rows(rows), into: dx)
        }
      ),
      (
        "BatchNorm's gradient, frozen",
        { rows, dx in Normalization.backwardFixed(inverse: of[0], gamma: of[1], dy: dy.rows(rows), into: dx) }
      ),
    ]
  }

  /// Sums of columns in the order that columns.h lays down, one element after the other.
  private func inOrder(_ rows: Int, _ columns: Int, _ term: (Int) -> Float) -> [Float] {
    var groups = 1
    if columns < 16 { while groups * columns % 16 != 0 { groups *= 2 } }
    if rows < groups { groups = 1 }
    let lines = rows / groups
    return (0..<columns).map { column in
      let beside = (0..<groups).map { group in
        sum((0..<lines).map { term(($0 * groups + group) * columns + column) })
      }
      let rest = sum((lines * groups..<rows).map { term($0 * columns + column) })
      return Float(beside.reduce(rest, +))
    }
  }

  /// Runs of 512 terms in float32, each in fours along a tree; the runs in Double.
  private func sum(_ terms: [Float]) -> Double {
    stride(from: 0, to: terms.count, by: 512).reduce(0) { total, start in
      let run = terms[start..<min(start + 512, terms.count)]
      let fours = run.count / 4 * 4
      var sum: Float = 0
      for i in stride(from: start, to: start + fours, by: 4) {
        sum += (run[i] + run[i + 1]) + (run[i + 2] + run[i + 3])
      }
      for i in start + fours..<run.endIndex { sum += run[i] }
      return total + Double(sum)
    }
  }
}
