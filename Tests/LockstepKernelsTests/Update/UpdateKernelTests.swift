import Foundation
import LockstepKernels
import TestSupport
import Testing

/// What an optimizer of the reference keeps between its updates; which fields it uses is its own affair.
struct ReferenceSlots {
  var first: [Double]
  var second: [Double]
  var momentumProduct = 1.0

  init(count: Int) {
    first = [Double](repeating: 0, count: count)
    second = first
  }
}

/// One to ten updates of every optimizer against the reference in Double, over all sizes, with and without decoupled
/// decay.
@Suite struct UpdateKernelTests {
  let memory = TestMemory()
  static let decays = [0.0, 0.05]

  /// Runs ten updates on both and compares parameters and slots after each.
  func check(
    _ what: String, slots: Int, kernel: (Int, _ p: Vector, _ g: Vector, _ slots: [Vector]) -> Void,
    reference: (Int, _ p: inout [Double], _ g: [Double], _ slots: inout ReferenceSlots) -> Void
  ) {
    for count in Sizes.small + [5003] {
      var generator = SeededGenerator(seed: UInt64(count))
      let start = generator.normal(count)
      let p = memory.vector(start, misalignment: count % 16)
      let s = (0..<slots).map { _ in memory.vector(count: count, filledWith: 0) }
      var expected = start.doubles
      var expectedSlots = ReferenceSlots(count: count)
      for step in 1...10 {
        let g = generator.normal(count)
        kernel(step, p, memory.vector(g), s)
        reference(step, &expected, g.doubles, &expectedSlots)
        // The learning rates are float32 numbers: their error adds up over the steps.
        expectClose(actual: p.array, expected: expected, absolute: 2e-6, "\(what), \(count), step \(step)")
        for (actual, wanted) in zip(s, [expectedSlots.first, expectedSlots.second]) {
          expectClose(actual: actual.array, expected: wanted, "\(what), slot, \(count), step \(step)")
        }
      }
    }
  }

  @Test(arguments: decays, [(0.0, false), (0.9, false), (0.9, true)])
  func sgd(_ decay: Double, _ variant: (momentum: Double, nesterov: Bool)) {
    let (momentum, nesterov) = variant
    check(
      "sgd \(momentum) \(nesterov) \(decay)", slots: 1,
      kernel: { _, p, g, s in
        UpdateKernels.sgd(
          p, gradient: g, velocity: s[0], keep: Float(1 - 0.1 * decay), rate: 0.1, momentum: Float(momentum),
          nesterov: nesterov)
      },
      reference: { _, p, g, s in
        Reference.sgd(
          &p, gradient: g, velocity: &s.first, learningRate: 0.1, momentum: momentum, nesterov: nesterov, decay: decay)
      })
  }

  @Test func sgdWithoutVelocity() {
    check(
      "sgd", slots: 0,
      kernel: { _, p, g, _ in
        UpdateKernels.sgd(p, gradient: g, velocity: nil, keep: 0.99, rate: 0.1, momentum: 0, nesterov: false)
      },
      reference: { _, p, g, _ in
        var velocity = [Double](repeating: 0, count: p.count)
        Reference.sgd(
          &p, gradient: g, velocity: &velocity, learningRate: 0.1, momentum: 0, nesterov: false, decay: 0.1)
      })
  }

  @Test(arguments: decays) func adagrad(_ decay: Double) {
    check(
      "adagrad \(decay)", slots: 1,
      kernel: { _, p, g, s in
        UpdateKernels.adagrad(p, gradient: g, sum: s[0], keep: Float(1 - 0.1 * decay), rate: 0.1, epsilon: 1e-10)
      },
      reference: { _, p, g, s in
        Reference.adagrad(&p, gradient: g, sum: &s.first, learningRate: 0.1, epsilon: 1e-10, decay: decay)
      })
  }

  @Test(arguments: decays) func rmsprop(_ decay: Double) {
    check(
      "rmsprop \(decay)", slots: 1,
      kernel: { _, p, g, s in
        UpdateKernels.rmsprop(
          p, gradient: g, square: s[0], keep: Float(1 - 0.01 * decay), rate: 0.01, decay: 0.99, epsilon: 1e-8)
      },
      reference: { _, p, g, s in
        Reference.rmsprop(
          &p, gradient: g, square: &s.first, learningRate: 0.01, rho: 0.99, epsilon: 1e-8, decay: decay)
      })
  }

  @Test(arguments: decays) func adam(_ decay: Double) {
    check(
      "adam \(decay)", slots: 2,
      kernel: { t, p, g, s in
        UpdateKernels.adam(
          p, gradient: g, first: s[0], second: s[1], keep: Float(1 - 0.01 * decay),
          rate: Float(0.01 / (1 - power(0.9, t))), gradientRate: 0, beta1: 0.9, beta2: 0.999,
          rootCorrection: Float(1 / (1 - power(0.999, t)).squareRoot()), epsilon: 1e-8)
      },
      reference: { t, p, g, s in
        Reference.adam(
          &p, gradient: g, first: &s.first, second: &s.second, step: t, learningRate: 0.01, beta1: 0.9, beta2: 0.999,
          epsilon: 1e-8, decay: decay)
      })
  }

  /// Gradients whose square is hardly a normal number, or none: against an epsilon beyond the last of them the step is
  /// the rate itself, downhill.
  @Test func gradientsThatHardlyHaveASquare() {
    let sizes = (0..<400).map { 1e-19 * Float(pow(1.03, Double($0))) }
    let g = memory.vector(sizes.enumerated().map { $0 % 2 == 0 ? $1 : -$1 })
    let (p, sum) = (memory.vector(count: 400, filledWith: 0), memory.vector(count: 400, filledWith: 0))
    withFloatingPointEnvironment {
      UpdateKernels.adagrad(p, gradient: g, sum: sum, keep: 1, rate: 0.1, epsilon: 1e-30)
    }
    for (index, step) in p.array.enumerated() where sizes[index] * sizes[index] >= .leastNormalMagnitude {
      // The square is rounded, the root of it within a unit of the last place.
      expectClose(actual: Double(step), expected: index % 2 == 0 ? -0.1 : 0.1, relative: 1e-6, "\(sizes[index])")
    }
    #expect(sum.array.filter { $0 > 0 && $0 < 1e-36 }.count > 50)
  }

  @Test func adamWithAGradientRate() {
    // NAdam's form, with factors chosen here.
    check(
      "adam with a gradient rate", slots: 2,
      kernel: { _, p, g, s in
        UpdateKernels.adam(
          p, gradient: g, first: s[0], second: s[1], keep: 1, rate: 0.02, gradientRate: 0.005, beta1: 0.875,
          beta2: 0.9375, rootCorrection: 1.5, epsilon: 1e-3)
      },
      reference: { _, p, g, s in
        for i in p.indices {
          s.first[i] = 0.875 * s.first[i] + 0.125 * g[i]
          s.second[i] = 0.9375 * s.second[i] + 0.0625 * g[i] * g[i]
          p[i] -= (0.005 * g[i] + 0.02 * s.first[i]) / (s.second[i].squareRoot() * 1.5 + 1e-3)
        }
      })
  }

  @Test(arguments: decays) func adamax(_ decay: Double) {
    check(
      "adamax \(decay)", slots: 2,
      kernel: { t, p, g, s in
        UpdateKernels.adamax(
          p, gradient: g, first: s[0], norm: s[1], keep: Float(1 - 0.01 * decay),
          rate: Float(0.01 / (1 - power(0.9, t))), beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      },
      reference: { t, p, g, s in
        Reference.adamax(
          &p, gradient: g, first: &s.first, norm: &s.second, step: t, learningRate: 0.01, beta1: 0.9, beta2: 0.999,
          epsilon: 1e-8, decay: decay)
      })
  }

  /// Epsilon stands below the fraction from the first update on: a gradient of 0 moves nothing, one of its size half.
  @Test func adamaxOfSmallGradients() {
    let gradients: [Float] = [0, 1e-12, 1e-9, -1e-8, 3e-8, -1e-6, 0.5]
    let p = memory.vector(gradients.map { _ in 0 })
    let (first, norm) = (memory.vector(count: p.count, filledWith: 0), memory.vector(count: p.count, filledWith: 0))
    UpdateKernels.adamax(
      p, gradient: memory.vector(gradients), first: first, norm: norm, keep: 1, rate: 1, beta1: 0.9, beta2: 0.999,
      epsilon: 1e-8)
    let expected = gradients.doubles.map { -0.1 * $0 / (abs($0) + 1e-8) }
    expectClose(actual: p.array, expected: expected, "adamax")
  }

  /// What a decay leaves for the new value is 1 − decay in Double, as in PyTorch: in float32 1 − 0.999 is 5e-5 too
  /// large.
  @Test func restOfADecay() {
    for (decay, rest) in [(0.9, Float(0.1)), (0.99, 0.01), (0.999, 0.001), (0.9999, 0.0001)] {
      // A gradient of 1 on empty slots leaves the rest itself.
      let (gradient, p) = (memory.vector([1]), memory.vector([0]))
      let (first, second) = (memory.vector([0]), memory.vector([0]))
      UpdateKernels.rmsprop(p, gradient: gradient, square: second, keep: 1, rate: 0.1, decay: decay, epsilon: 1e-8)
      #expect(second[0] == rest, "rmsprop \(decay)")
      second.fill(0)
      UpdateKernels.adam(
        p, gradient: gradient, first: first, second: second, keep: 1, rate: 0.1, gradientRate: 0, beta1: decay,
        beta2: decay, rootCorrection: 1, epsilon: 1e-8)
      #expect(first[0] == rest && second[0] == rest, "adam \(decay)")
      first.fill(0)
      UpdateKernels.adamax(
        p, gradient: gradient, first: first, norm: second, keep: 1, rate: 0.1, beta1: decay, beta2: 0.5, epsilon: 1e-8)
      #expect(first[0] == rest, "adamax \(decay)")
    }
  }

  @Test(arguments: Sizes.small) func preparedGradient(_ count: Int) {
    var generator = SeededGenerator(seed: 8)
    let g = generator.normal(count)
    // Every third parameter is zero, whose sign is zero.
    let p = generator.normal(count).enumerated().map { $0 % 3 == 0 ? 0 : $1 }
    for limit in [Float.infinity, 0.5] {
      let gradient = memory.vector(g)
      UpdateKernels.clipAndRegularize(
        gradient: gradient, parameter: memory.vector(p), scale: 0.75, limit: limit, l1: 0.01, l2: 0.1)
      let expected = Reference.preparedGradient(
        g.doubles, parameter: p.doubles, scale: 0.75, limit: Double(limit), l1: 0.01, l2: 0.1)
      expectClose(actual: gradient.array, expected: expected, "limit \(limit), \(count)")
    }
    let broken = memory.vector([Float.nan])
    UpdateKernels.clipAndRegularize(gradient: broken, parameter: memory.vector([1]), scale: 1, limit: 0.5, l1: 0, l2: 0)
    #expect(broken[0].isNaN)
  }

  @Test(arguments: Sizes.matrices) func maxNorm(_ rows: Int, _ columns: Int) {
    var generator = SeededGenerator(seed: 9)
    let w = generator.normal(rows * columns).enumerated().map { $1 * Float($0 % columns) / Float(columns) }
    let weight = memory.matrix(w, rows: rows, columns: columns)
    let limit = Float(rows).squareRoot() / 2
    UpdateKernels.maxNorm(weight, limit: limit, scratch: memory.vector(count: columns))
    let expected = Reference.maxNorm(w.doubles, columns: columns, limit: Double(limit))
    expectClose(actual: weight.array, expected: expected, "\(rows) × \(columns)")
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}
