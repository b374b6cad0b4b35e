import CKernels
import LockstepKernels
import TestSupport
import Testing

/// Products in bfloat16 where their arithmetic is unlike float32's: at the edge of what rounds up, of the smallest
/// normal number, of infinity, and of a block.
@Suite struct Bfloat16Tests {
  let scratch = productScratch()

  /// An operand times 1: the nearest number of 8 significant bits, of two the even one.
  @Test(arguments: ProductSet.available(.bf16)) func operandsAreRounded(_ set: ProductSet) {
    let unit: Float = 0x1p-7
    let cases: [(Float, Float)] = [
      (1 + unit, 1 + unit), (1 + unit / 2, 1), (1 + unit * 1.5, 1 + 2 * unit), (1 + unit * 0.501, 1 + unit),
      (-1 - unit * 0.499, -1), (.pi, 3.140625), (0x1.FFp127, .infinity), (0x1.FEp127, 0x1.FEp127),
      (-.greatestFiniteMagnitude, -.infinity), (.leastNormalMagnitude, .leastNormalMagnitude),
      (.leastNormalMagnitude.nextDown, 0), (-.leastNonzeroMagnitude, 0), (.infinity, .infinity),
    ]
    for (operand, expected) in cases {
      for (a, b) in [(operand, 1), (1, operand)] as [(Float, Float)] {
        expectSameBits(product(set, [a], [b]), [expected], "\(set): \(a) · \(b)")
      }
    }
    #expect(product(set, [.nan], [1])[0].isNaN && product(set, [1], [Float(bitPattern: 0x7F80_0001)])[0].isNaN)
  }

  /// What Swift calls the operand is what the products make of it, whatever its bits.
  @Test func operandsAreThoseOfSwift() throws {
    let set = try #require(ProductSet.available(.bf16).first)
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<5000 {
      let operand = Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator))
      let made = product(set, [operand], [1])[0]
      // A sum begins with the positive zero.
      if made.isNaN { #expect(operand.bfloat16.isNaN) } else { #expect(operand.bfloat16 == made, "\(operand)") }
    }
    for operand: Float in [0, -0.0, 1 + 0x1p-8, 1 + 0x1.8p-7, 0x1.FFp127, -.infinity, -.leastNonzeroMagnitude] {
      #expect(operand.bfloat16 == product(set, [operand], [1])[0], "\(operand)")
    }
    #expect((-Float.leastNonzeroMagnitude).bfloat16.sign == .minus)
  }

  /// Numbers below the smallest normal one are zero, in every sum of a chain; one is below it if it is once it is
  /// rounded to 24 bits.
  @Test(arguments: ProductSet.available(.bf16)) func denormalsAreZero(_ set: ProductSet) {
    let half: Float = 0x1p-63
    let cases: [(a: [Float], b: [Float], expected: Float)] = [
      ([half, 0], [half, 1], 0x1p-126), ([half, 0], [half / 2, 1], 0), ([-half, 0], [half / 2, 1], 0),
      // Two halves of the smallest normal number are two zeros, in one chain and in two.
      ([half, 0, half], [half / 2, 1, half / 2], 0), ([half, half], [half / 2, half / 2], 0),
      // What is taken off again does not bring back what was lost.
      ([half, 0, half], [half * 1.5, 1, -half], 0),
    ]
    for (a, b, expected) in cases { expectSameBits(product(set, a, b), [expected], "\(set): \(a) · \(b)") }
    // Two chains that are flushed from below, and zeros behind them: the sum is the positive zero.
    expectSameBits(product(set, [-half, -half], [half / 2, half / 2], bias: -0.0), [0], "\(set): a negative zero")
    guard set.fuses == true else { return }
    // 2⁻¹²⁶ − 2⁻¹⁵¹ rounds to 2⁻¹²⁶, and less does not.
    for (factor, expected) in [(1, 0x1p-126), (1 + 0x1p-7, 0)] as [(Float, Float)] {
      expectSameBits(
        product(set, [half, 0, -0x1p-76], [half, 0, 0x1p-75 * factor]), [expected], "\(set): less 2⁻¹⁵¹ · \(factor)")
    }
    // A denormal bias is zero, too.
    expectSameBits(product(set, [0], [0], bias: -.leastNonzeroMagnitude), [0], "\(set): a bias")
  }

  /// Random operands of every size, so that sums are denormal, or infinite, or no number.
  @Test func everyMagnitude() {
    for exponent in [-149, -140, -126, -75, -64, -63, -62, -50, 0, 60, 63, 64, 127] {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1)
      for (m, k, n) in [(3, 1, 5), (9, 31, 33), (8, 32, 16), (15, 33, 40), (7, 100, 64)] {
        var operands = ProductOperands(m, k, n, seed: UInt64(k), bias: exponent % 2 == 0)
        operands.a = operands.a.map { $0 * scale }
        operands.b = operands.b.map { exponent < -126 ? $0 : $0 * scale }
        operands.bias = operands.bias?.map { $0 * scale }
        for set in ProductSet.available(.bf16) {
          let expected = Chain(precision: .bf16, fused: set.fuses ?? true).product(operands)
          for (index, (actual, expected)) in zip(set.product(operands, scratch: scratch), expected).enumerated()
          where actual.bitPattern != expected.bitPattern && !(actual.isNaN && expected.isNaN) {
            Issue.record("\(set), \(operands) · 2^\(exponent): element \(index) is \(actual), expected \(expected)")
            break
          }
        }
      }
    }
  }

  /// The same of weight gradients over shards: the sums of a shard know no denormals, those over shards do.
  @Test func gradientsOfEveryMagnitude() {
    for exponent in [-140, -64, -63, -62, -50, 0, 63, 64] {
      let scale = Float(sign: .plus, exponent: exponent, significand: 1)
      for (rows, inputs, units) in [([2, 3, 1, 2], 9, 33), ([8, 8, 8, 8, 8, 8, 8, 8], 15, 16), ([33, 0, 40], 7, 20)] {
        var operands = GradientOperands(shardRows: rows, inputs: inputs, units: units, seed: UInt64(inputs))
        operands.x = operands.x.map { $0 * scale }
        operands.dy = operands.dy.map { exponent < -126 ? $0 : $0 * scale }
        for set in ProductSet.available(.bf16) {
          let expected = Chain(precision: .bf16, fused: set.fuses ?? true).weightGradient(operands)
          for (index, (actual, expected)) in zip(set.weightGradient(operands), expected).enumerated()
          where actual.bitPattern != expected.bitPattern && !(actual.isNaN && expected.isNaN) {
            Issue.record("\(set), \(operands) · 2^\(exponent): element \(index) is \(actual), expected \(expected)")
            break
          }
        }
      }
    }
  }

  /// Zeros behind the last term, up to the end of its block and beyond, change no bit.
  @Test(arguments: ProductSet.available(.bf16)) func paddingChangesNothing(_ set: ProductSet) {
    for k in [1, 2, 15, 16, 17, 31, 32, 33, 63, 65] {
      var operands = ProductOperands(9, k, 20, seed: UInt64(k), bias: true)
      // Some sums are flushed from below, and some biases are the negative zero.
      operands.a = operands.a.enumerated().map { $0 % 3 == 0 ? $1 * 0x1p-70 : $1 }
      operands.b = operands.b.enumerated().map { $0 % 5 < 3 ? $1 * 0x1p-60 : $1 }
      operands.bias = operands.bias?.enumerated().map { $0 % 2 == 0 ? -0.0 : $1 }
      let expected = set.product(operands, scratch: scratch)
      for padding in [1, 2, (32 - k % 32) % 32] {
        var padded = ProductOperands(9, k + padding, 20, seed: 1, bias: true)
        padded.a = (0..<9).flatMap { operands.a[$0 * k..<($0 + 1) * k] + [Float](repeating: 0, count: padding) }
        padded.b = operands.b + [Float](repeating: 0, count: padding * 20)
        padded.bias = operands.bias
        expectSameBits(set.product(padded, scratch: scratch), expected, "\(set), \(k) terms and \(padding) zeros")
      }
    }
  }

  /// The products leave the floating-point environment as it was: what comes after keeps denormals.
  @Test(arguments: ProductSet.available(.bf16)) func environmentIsLeft(_ set: ProductSet) {
    _ = product(set, [0x1p-100], [0x1p-100])
    let smallest = Float.leastNormalMagnitude
    #expect(half(smallest) == smallest / 2 && half(smallest) > 0)
  }

  @inline(never) private func half(_ x: Float) -> Float { x * 0.5 }

  /// The sum of the terms' products, as one element.
  private func product(_ set: ProductSet, _ a: [Float], _ b: [Float], bias: Float? = nil) -> [Float] {
    var operands = ProductOperands(1, a.count, 1, seed: 1, bias: bias != nil)
    (operands.a, operands.b, operands.bias) = (a, b, bias.map { [$0] })
    return set.product(operands, scratch: scratch)
  }
}
