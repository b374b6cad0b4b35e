import CKernels
import LockstepKernels
import TestSupport
import Testing

/// Products of every instruction set against the promised order of their sums, to the bit.
@Suite struct MatrixProductTests {
  let memory = TestMemory()
  let scratch = productScratch()

  /// Every number of rows and columns around a tile's, with a few numbers of terms each.
  @Test func smallShapes() {
    for m in 1...30 {
      for n in 1...70 {
        var generator = SeededGenerator(seed: UInt64(m * 100 + n))
        for k in [0, 1, Int.random(in: 2...40, using: &generator)] {
          let (seed, bias) = (generator.next(), Bool.random(using: &generator))
          expectChain(
            ProductOperands(m, k, n, seed: seed, bias: bias, transposed: Bool.random(using: &generator)),
            scratch: scratch)
        }
      }
    }
  }

  /// (m, k, n): nothing at all, primes, and what is cut into blocks: panels that do not fit together, sums too long for
  /// a panel, operands that lie in cache as they are and those that just do not.
  private static let shapes = [
    (0, 3, 2), (2, 0, 3), (3, 2, 0), (0, 0, 0), (101, 67, 29), (127, 131, 137), (64, 100, 10), (8, 257, 3),
    (3, 600, 192), (5, 600, 193), (3, 600, 450), (16, 512, 257), (17, 100, 1311), (2, 1, 2000),
    (15, 5000, 33), (1, 4096, 31), (1, 4097, 1), (2, 4096, 64), (3, 8192, 5), (4, 8193, 70),
    (15, 128, 64), (15, 129, 64), (14, 512, 16), (14, 256, 32), (29, 40, 96), (1, 512, 512), (43, 31, 33),
    (70, 4100, 8), (33, 64, 8), (33, 64, 9), (37, 130, 300), (33, 128, 132), (34, 4096, 137), (79, 1030, 333),
  ]

  @Test func blocks() {
    for (m, k, n) in MatrixProductTests.shapes {
      for bias in [false, true] {
        for transposed in [false, true] {
          expectChain(
            ProductOperands(m, k, n, seed: UInt64(m + k + n), bias: bias, transposed: transposed), scratch: scratch)
        }
      }
    }
  }

  /// A row's bits do not depend on the rows beside it: all rows at once are any cut of them.
  @Test(arguments: ProductSet.available) func rowsAreIndependent(_ set: ProductSet) {
    for (k, n) in [(1, 1), (7, 5), (64, 33), (129, 64), (300, 70), (700, 257), (4100, 40)] {
      for transposed in [false, true] {
        let all = ProductOperands(61, k, n, seed: UInt64(k), bias: true, transposed: transposed)
        let whole = set.product(all, scratch: scratch)
        var generator = SeededGenerator(seed: UInt64(n))
        for _ in 0..<5 {
          let cuts = ([0, 61] + (0..<4).map { _ in Int.random(in: 0...61, using: &generator) }).sorted()
          let parts = zip(cuts, cuts.dropFirst()).flatMap { set.product(all.rows($0..<$1), scratch: scratch) }
          expectSameBits(parts, whole, "\(set), \(all) cut at \(cuts)")
        }
      }
    }
  }

  /// Nor on what stands between the rows, where each matrix is some columns of a wider one.
  @Test(arguments: ProductSet.available) func columnsOfWiderMatrices(_ set: ProductSet) {
    for (m, k, n) in MatrixProductTests.shapes + [(5, 33, 32), (17, 20, 64), (40, 512, 512), (1, 1, 1)] {
      for transposed in [false, true] {
        let operands = ProductOperands(m, k, n, seed: UInt64(m + n), bias: !transposed, transposed: transposed)
        let expected = set.product(operands, scratch: scratch)
        for gap in [1, 32, 600] {
          expectSameBits(set.product(operands, scratch: scratch, gap: gap), expected, "\(set), \(operands), gap \(gap)")
        }
      }
    }
  }

  /// What is not a number stays in its row of a and its column of b.
  @Test(arguments: ProductSet.available) func otherElementsDoNotTouch(_ set: ProductSet) {
    for (m, k, n) in [(1, 1, 2), (15, 9, 33), (30, 33, 47), (31, 260, 65), (9, 4100, 34)] {
      for transposed in [false, true] {
        let clean = ProductOperands(m, k, n, seed: UInt64(m), transposed: transposed)
        let expected = set.product(clean, scratch: scratch)
        for value in [Float.nan, .infinity, -.infinity] {
          for (row, column) in [(0, n - 1), (m - 1, 0), (m / 2, n / 2)] {
            var dirty = clean
            dirty.a[row * k + k / 2] = value
            dirty.b[k / 3 * n + column] = value
            let actual = set.product(dirty, scratch: scratch)
            for index in expected.indices {
              if index / n == row || index % n == column {
                #expect(!actual[index].isFinite, "\(set), \(clean), \(value) at (\(row), \(column)): \(index)")
              } else if actual[index].bitPattern != expected[index].bitPattern {
                Issue.record("\(set), \(clean): \(value) at (\(row), \(column)) changes element \(index)")
              }
            }
          }
        }
      }
    }
  }

  /// The machine's own products take operands that are not aligned.
  @Test(arguments: Precision.allCases) func matrices(_ precision: Precision) {
    let scratch = ProductScratch(precision)
    for (m, k, n) in MatrixProductTests.shapes {
      for misalignment in [0, 1, 5, 15] {
        let operands = ProductOperands(m, k, n, seed: 4, bias: misalignment % 2 == 0)
        let a = memory.matrix(operands.a, rows: m, columns: k, misalignment: misalignment)
        let c = memory.vector(count: m * n + 32, misalignment: misalignment)
        c.fill(7)
        let bias = operands.bias.map { memory.vector($0, misalignment: 3) }
        multiply(
          a, memory.matrix(operands.b, rows: k, columns: n, misalignment: misalignment), bias: bias,
          into: c.matrix(at: 16, rows: m, columns: n), scratch: scratch)
        expectMachine(c.array, operands, precision)

        let transposing = ProductOperands(m, k, n, seed: 4, transposed: true)
        c.fill(7)
        multiplyTransposingSecond(
          a, memory.matrix(transposing.bAsStored, rows: n, columns: k, misalignment: misalignment),
          into: c.matrix(at: 16, rows: m, columns: n), scratch: scratch)
        expectMachine(c.array, transposing, precision)
      }
    }
  }

  /// An activation of rows in cache has the bits of one of the whole product, and so has its derivative by its value.
  @Test(
    arguments: ActivationFunction.all.filter(\.derivesFromValue) + [.leakyReLU(negativeSlope: 0.1), .elu(alpha: 0.7)],
    Precision.allCases)
  func activations(_ function: ActivationFunction, _ precision: Precision) {
    let scratch = ProductScratch(precision)
    for (m, k, n) in MatrixProductTests.shapes {
      let operands = ProductOperands(m, k, n, seed: 9, bias: true, transposed: true)
      let a = memory.matrix(operands.a, rows: m, columns: k)
      let (b, stored) = (
        memory.matrix(operands.b, rows: k, columns: n), memory.matrix(operands.bAsStored, rows: n, columns: k)
      )
      let bias = operands.bias.map { memory.vector($0) }
      let (separate, together) = (memory.matrix(rows: m, columns: n), memory.matrix(rows: m, columns: n))
      multiply(a, b, bias: bias, into: separate, scratch: scratch)
      let (x, value) = (memory.vector(separate.array), memory.matrix(rows: m, columns: n))
      function.forward(x, into: value.elements)
      multiply(a, b, bias: bias, then: function, into: together, scratch: scratch)
      expectSameBits(together.array, value.array, "\(function) of \(operands)")

      multiplyTransposingSecond(a, stored, into: separate, scratch: scratch)
      function.backward(x: x, y: value.elements, dy: separate.elements, into: separate.elements)
      multiplyTransposingSecond(a, stored, throughInput: (function, value: value), into: together, scratch: scratch)
      expectSameBits(together.array, separate.array, "derivative of \(function), \(operands)")
    }
  }

  /// The bits of the widest instruction set, between sixteen sevens before and behind.
  private func expectMachine(_ actual: [Float], _ operands: ProductOperands, _ precision: Precision) {
    let beside = [Float](repeating: 7, count: 16)
    guard let set = ProductSet.available(precision).last else { return }
    expectSameBits(actual, beside + set.product(operands, scratch: scratch) + beside, "\(operands)")
  }
}

extension ProductOperands {
  /// The same with some rows of a alone.
  func rows(_ range: Range<Int>) -> ProductOperands {
    var part = ProductOperands(range.count, shape.k, shape.n, seed: seed, bias: bias != nil, transposed: transposed)
    part.a = Array(a[range.lowerBound * shape.k..<range.upperBound * shape.k])
    (part.b, part.bias) = (b, bias)
    return part
  }
}
