import LockstepKernels
import TestSupport
import Testing

/// A worker updates a slice of the parameters: wherever it is cut, every element gets the bits of one whole update.
@Suite struct UpdateSliceTests {
  let memory = TestMemory()

  typealias Update = @Sendable (_ p: Vector, _ g: Vector, _ a: Vector, _ b: Vector) -> Void

  static let updates: [String: Update] = [
    "clip and regularise": { p, g, _, _ in
      UpdateKernels.clipAndRegularize(gradient: g, parameter: p, scale: 0.7, limit: 0.5, l1: 0.01, l2: 0.1)
    },
    "sgd": { p, g, _, _ in
      UpdateKernels.sgd(p, gradient: g, velocity: nil, keep: 0.999, rate: 0.1, momentum: 0, nesterov: false)
    },
    "momentum": { p, g, a, _ in
      UpdateKernels.sgd(p, gradient: g, velocity: a, keep: 0.999, rate: 0.1, momentum: 0.9, nesterov: false)
    },
    "nesterov": { p, g, a, _ in
      UpdateKernels.sgd(p, gradient: g, velocity: a, keep: 0.999, rate: 0.1, momentum: 0.9, nesterov: true)
    },
    "adagrad": { p, g, a, _ in UpdateKernels.adagrad(p, gradient: g, sum: a, keep: 0.999, rate: 0.1, epsilon: 1e-10) },
    "rmsprop": { p, g, a, _ in
      UpdateKernels.rmsprop(p, gradient: g, square: a, keep: 0.999, rate: 0.1, decay: 0.99, epsilon: 1e-8)
    },
    "adam": { p, g, a, b in
      UpdateKernels.adam(
        p, gradient: g, first: a, second: b, keep: 0.999, rate: 0.01, gradientRate: 0.001, beta1: 0.9, beta2: 0.999,
        rootCorrection: 1.1, epsilon: 1e-8)
    },
    "adamax": { p, g, a, b in
      UpdateKernels.adamax(
        p, gradient: g, first: a, norm: b, keep: 0.999, rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    },
  ]

  /// Parameter, gradient and two slots, the same every time.
  func operands(_ count: Int) -> [Vector] {
    var generator = SeededGenerator(seed: 11)
    let signed = [generator.normal(count), generator.normal(count)]
    let positive = [generator.uniform(count, in: 0...1), generator.uniform(count, in: 0...1)]
    return (signed + positive).map { memory.vector($0) }
  }

  @Test(arguments: updates.keys.sorted()) func slices(_ name: String) throws {
    let update = try #require(Self.updates[name])
    let whole = operands(1000)
    update(whole[0], whole[1], whole[2], whole[3])
    let parts = operands(1000)
    for range in [0..<17, 17..<512, 512..<513, 513..<513, 513..<1000] {
      update(parts[0][range], parts[1][range], parts[2][range], parts[3][range])
    }
    for (part, expected) in zip(parts, whole) { expectSameBits(part.array, expected.array, name) }
  }
}
