import LockstepKernels
import TestSupport
import Testing

/// Every activation, the parametrised ones with two parameters.
let allActivations = ActivationFunction.all + [.leakyReLU(negativeSlope: 0.01), .elu(alpha: 0.5)]

@Suite struct ActivationTests {
  let memory = TestMemory()

  func forward(_ function: ActivationFunction, _ x: [Float]) -> [Float] {
    let y = memory.vector(count: x.count)
    function.forward(memory.vector(x), into: y)
    return y.array
  }

  func derivative(_ function: ActivationFunction, _ x: [Float], _ y: [Float]) -> [Float] {
    let dx = memory.vector(count: x.count)
    function.backward(
      x: memory.vector(x), y: memory.vector(y), dy: memory.vector(count: x.count, filledWith: 1), into: dx)
    return dx.array
  }

  /// Near zero, over the golden range, far out, and on the points where a branch changes.
  static let points: [Float] = {
    let grid = (-3000...3000).flatMap { [Float($0) / 3e4, Float($0) / 300, Float($0) / 30] }
    return grid + [0, -0.0, 1e-30, -1e-30, 87, -87, 88, -88, 14, -14, 20, -20]
  }()

  @Test(arguments: allActivations) func valueMatchesTheReference(_ function: ActivationFunction) {
    let y = forward(function, Self.points)
    let expected = Self.points.map { Reference.value(of: function, at: Double($0)) }
    // Ten times tighter than promised: what the polynomials reach.
    expectClose(actual: y, expected: expected, absolute: 1e-7, relative: 1e-6, "\(function)")
  }

  @Test(arguments: allActivations) func derivativeMatchesTheReference(_ function: ActivationFunction) {
    let dx = derivative(function, Self.points, forward(function, Self.points))
    let expected = Self.points.map { Reference.derivative(of: function, at: Double($0)) }
    expectClose(actual: dx, expected: expected, "\(function)′")
  }

  @Test(arguments: allActivations) func sizesAndSlicesGiveTheBitsOfTheWhole(_ function: ActivationFunction) {
    var generator = SeededGenerator(seed: 7)
    let x = generator.uniform(2100, in: -12...12)
    let dy = generator.normal(2100)
    let whole = forward(function, x)
    let slope = memory.vector(count: x.count)
    function.backward(x: memory.vector(x), y: memory.vector(whole), dy: memory.vector(dy), into: slope)
    for count in Sizes.small {
      for start in [0, 1, 5, 16, 33, 1009] {
        let range = start..<start + count
        // In place, and from another place in a cache line.
        let y = memory.vector(Array(x[range]), misalignment: start % 16)
        function.forward(y, into: y)
        expectSameBits(y.array, Array(whole[range]), "\(function) over \(range)")
        let dx = memory.vector(Array(dy[range]), misalignment: (start + 3) % 16)
        function.backward(x: memory.vector(Array(x[range])), y: y, dy: dx, into: dx)
        expectSameBits(dx.array, Array(slope.array[range]), "\(function)′ over \(range)")
      }
    }
  }

  @Test(arguments: allActivations) func arrayBeyondTheCache(_ function: ActivationFunction) {
    let count = 600_011
    let x = memory.vector(count: count)
    let inputs = (0..<20_011).map { Float($0) / 1000 - 10 }
    for start in stride(from: 0, to: count, by: inputs.count) {
      let part = min(inputs.count, count - start)
      x[start..<start + part].copy(from: Array(inputs.prefix(part)))
    }
    let y = memory.vector(count: count)
    function.forward(x, into: y)
    let period = y[0..<inputs.count].array
    let expected = inputs.map { Reference.value(of: function, at: Double($0)) }
    expectClose(actual: period, expected: expected, "\(function)")
    // The period divides neither a vector nor a page: every element meets many lanes.
    for start in stride(from: 0, to: count, by: inputs.count) {
      let part = min(inputs.count, count - start)
      #expect(y[start..<start + part].array == Array(period.prefix(part)), "\(function) from \(start) on")
    }
  }

  @Test(arguments: allActivations) func notANumberStaysOne(_ function: ActivationFunction) {
    let x = [Float](repeating: .nan, count: 37)
    #expect(forward(function, x).allSatisfy { $0.isNaN })
    #expect(derivative(function, x, x).allSatisfy { $0.isNaN })
  }

  @Test(arguments: allActivations) func finiteInputGivesFiniteOutput(_ function: ActivationFunction) {
    let powers = (-126...127).flatMap { exponent in
      [
        Float(sign: .plus, exponent: exponent, significand: 1.3),
        Float(sign: .minus, exponent: exponent, significand: 1.3),
      ]
    }
    let y = forward(function, powers + [.greatestFiniteMagnitude / 2, -.greatestFiniteMagnitude / 2])
    #expect(y.allSatisfy { $0.isFinite })
    let x = powers + [.greatestFiniteMagnitude / 2, -.greatestFiniteMagnitude / 2]
    #expect(derivative(function, x, y).allSatisfy { $0.isFinite })
  }

  @Test(arguments: allActivations) func infinityGivesTheLimit(_ function: ActivationFunction) {
    let x: [Float] = [.infinity, -.infinity]
    let y = forward(function, x)
    // At 1e4 every activation that has a limit has reached it.
    let limits = [1e4, -1e4].map { Reference.value(of: function, at: $0) }
    for (actual, limit) in zip(y, limits) {
      if abs(limit) > 10 {
        #expect(actual == (limit > 0 ? .infinity : -.infinity), "\(function)")
      } else {
        expectClose(actual: Double(actual), expected: limit, absolute: 2e-4, "\(function)")
      }
    }
    let slopes = [1e4, -1e4].map { Reference.derivative(of: function, at: $0) }
    expectClose(actual: derivative(function, x, y), expected: slopes, "\(function)′")
  }

  @Test func derivativeAtZeroIsThatOfTheNegativeBranch() {
    func slope(_ function: ActivationFunction) -> Float {
      derivative(function, [0, -0.0], forward(function, [0, -0.0]))[0]
    }
    #expect(slope(.relu) == 0)
    #expect(slope(.leakyReLU(negativeSlope: 0.3)) == 0.3)
    #expect(slope(.elu(alpha: 0.5)) == 0.5)
    #expect(slope(.selu) == 1.7580993)
  }
}
