import LockstepKernels
import LockstepModel
import LockstepTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Runs every kind of kernel, and what the mathematical library is asked for, over fixed data and takes the SHA-256 of
/// all the results: two machines with equal digests very probably give a run the same bits. It costs a few
/// milliseconds.
enum ArithmeticProbe {
  /// Sides of the matrix products: odd ones, one row, one column, and sizes at which libraries change their method.
  private static let shapes = [
    (1, 64, 33), (5, 1, 7), (17, 31, 13), (37, 29, 3), (64, 128, 10), (128, 64, 40), (128, 256, 256), (96, 300, 65),
  ]
  private static let activations: [ActivationFunction] = [
    .sigmoid, .tanh, .relu, .leakyReLU(negativeSlope: 0.3), .elu(alpha: 1), .selu, .softplus, .softsign, .gelu,
    .geluTanh, .silu, .mish,
  ]
  private static let rows = 37
  /// Columns, and classes: below the sixteen lanes of a vector, below two vectors, and beyond the 32 classes whose
  /// softmax stands in lanes.
  private static let widths = [3, 7, 29, 40]

  static func digest() -> String {
    withFloatingPointEnvironment {
      var digest = SHA256Digest()
      var memory = Memory()
      products(&memory, &digest)
      activations(&memory, &digest)
      for width in widths {
        rectifiers(width, &memory, &digest)
        normalization(width, &memory, &digest)
        losses(width, &memory, &digest)
      }
      randomLayers(&memory, &digest)
      sums(&memory, &digest)
      updates(&memory, &digest)
      mathLibrary(&memory, &digest)
      return SHA256Digest.hexadecimal(digest.finish())
    }
  }

  private static func products(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    for (m, k, n) in shapes {
      let scratch = ProductScratch(shards: 1, shardRows: m, weights: [(k, n)])
      let (a, b) = (memory.normal(m, k), memory.normal(k, n))
      let c = memory.zeros(m, n)
      multiply(a, b, bias: memory.normal(1, n).elements, into: c, scratch: scratch)
      digest.take(c)
      // The two products of the backward pass: inputs' and weights' gradients.
      let inputGradient = memory.zeros(m, k)
      multiplyTransposingSecond(c, b, into: inputGradient, scratch: scratch)
      digest.take(inputGradient)
      let gradient = memory.zeros(k, n)
      weightGradient(x: a, dy: c, shardRows: Slots(repeating: m, count: 1), into: gradient, scratch: scratch)
      digest.take(gradient)
    }
  }

  private static func activations(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    let (x, dy) = (memory.normal(1, 1000).elements, memory.normal(1, 1000).elements)
    let (y, dx) = (memory.zeros(1, 1000).elements, memory.zeros(1, 1000).elements)
    for function in activations {
      function.forward(x, into: y)
      function.backward(x: x, y: y, dy: dy, into: dx)
      digest.take(y)
      digest.take(dx)
    }
  }

  private static func rectifiers(_ columns: Int, _ memory: inout Memory, _ digest: inout SHA256Digest) {
    let (x, dy) = (memory.normal(rows, columns), memory.normal(rows, columns))
    let (y, dx) = (memory.zeros(rows, columns), memory.zeros(rows, columns))
    // A slope a unit, and one that is shared.
    for slopes in [columns, 1] {
      let (slope, slopeGradient) = (memory.normal(1, slopes).elements, memory.zeros(1, slopes).elements)
      parametricReLU(x, slope: slope, into: y)
      parametricReLUBackward(
        x: x, slope: slope, dy: dy, into: dx, slopeGradient: slopeGradient, scratch: memory.zeros(1, columns).elements)
      digest.take(y)
      digest.take(dx)
      digest.take(slopeGradient)
    }
  }

  private static func normalization(_ columns: Int, _ memory: inout Memory, _ digest: inout SHA256Digest) {
    let (x, dy, y) = (memory.normal(rows, columns), memory.normal(rows, columns), memory.zeros(rows, columns))
    var moments = memory.moments(columns)
    var others = memory.moments(columns)
    moments.measure(x)
    others.measure(dy)
    let inverse = memory.zeros(1, columns).elements
    moments.inverseDeviation(epsilon: 1e-5, into: inverse)
    let (gamma, beta) = (memory.normal(1, columns).elements, memory.normal(1, columns).elements)
    Normalization.forward(
      x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: gamma, beta: beta, into: y)
    digest.take(y)
    let (gammaGradient, betaGradient) = (memory.zeros(1, columns).elements, memory.zeros(1, columns).elements)
    Normalization.backwardSums(
      x: x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, dy: dy, gammaGradient: gammaGradient,
      betaGradient: betaGradient)
    Normalization.backwardInput(
      x: x, count: moments.count, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: gamma,
      gammaGradient: gammaGradient, betaGradient: betaGradient, dy: dy, into: y)
    digest.take(gammaGradient)
    digest.take(betaGradient)
    digest.take(y)
    moments = Moments.merge(moments, others, into: moments)
    moments.fold(momentum: 0.9, intoMean: gamma, variance: beta)
    columnSums(x, into: inverse)
    for vector in [moments.mean, moments.meanLow, moments.m2, gamma, beta, inverse] { digest.take(vector) }
  }

  private static func losses(_ columns: Int, _ memory: inout Memory, _ digest: inout SHA256Digest) {
    let (prediction, target) = (memory.normal(rows, columns), memory.normal(rows, columns))
    let gradient = memory.zeros(rows, columns)
    let labels = memory.zeros(rows, 1)
    for row in 0..<rows { labels[row, 0] = Float(row % columns) }
    func take(_ sum: Double) {
      digest.take(sum)
      digest.take(gradient)
    }
    take(
      LossKernels.softmaxCrossEntropy(
        logits: prediction, labels: labels, smoothing: 0.1, scale: 0.5, gradient: gradient
      ).sum)
    take(LossKernels.squaredError(prediction, target, scale: 0.5, gradient: gradient))
    take(LossKernels.absoluteError(prediction, target, scale: 0.5, gradient: gradient))
    take(LossKernels.huber(prediction, target, delta: 1, scale: 0.5, gradient: gradient))
    for element in 0..<target.count { target.elements[element] = element % 3 == 0 ? 1 : 0 }
    take(LossKernels.binaryCrossEntropy(logits: prediction, targets: target, scale: 0.5, gradient: gradient).sum)
    LossKernels.softmax(prediction, into: gradient)
    digest.take(gradient)
  }

  private static func randomLayers(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    let stream = RandomKey(seed: 5, purpose: .dropout).stream(7)
    let x = memory.normal(1, 1000).elements
    let (y, factor) = (memory.zeros(1, 1000).elements, memory.zeros(1, 1000).elements)
    func take() {
      digest.take(y)
      digest.take(factor)
    }
    stream.uniform(into: y)
    take()
    dropout(x, rate: 0.2, stream: stream, into: y, factor: factor)
    take()
    alphaDropout(x, rate: 0.1, stream: stream, into: y, factor: factor)
    take()
    randomizedReLU(x, lower: 1 / 8, upper: 1 / 3, stream: stream, into: y, factor: factor)
    take()
  }

  private static func sums(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    let (leaves, count) = (memory.normal(8, 1000).elements, 1000)
    let sum = memory.zeros(1, count).elements
    for number in [2, 3, 4, 5, 8] {
      Tree.sum(leaves, leaves: number, stride: count, at: 0, into: sum)
      digest.take(sum)
      digest.take(sum.sumOfSquares)
    }
  }

  private static func updates(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    let count = 1000
    let (gradient, parameter) = (memory.normal(1, count).elements, memory.normal(1, count).elements)
    let (first, second) = (memory.zeros(1, count).elements, memory.zeros(1, count).elements)
    UpdateKernels.clipAndRegularize(gradient: gradient, parameter: parameter, scale: 0.7, limit: 1, l1: 1e-4, l2: 1e-3)
    digest.take(gradient)
    func take() {
      for vector in [parameter, first, second] { digest.take(vector) }
    }
    UpdateKernels.sgd(
      parameter, gradient: gradient, velocity: nil, keep: 0.999, rate: 0.1, momentum: 0, nesterov: false)
    take()
    for nesterov in [false, true] {
      UpdateKernels.sgd(
        parameter, gradient: gradient, velocity: first, keep: 0.999, rate: 0.1, momentum: 0.9, nesterov: nesterov)
      take()
    }
    UpdateKernels.adagrad(parameter, gradient: gradient, sum: second, keep: 1, rate: 0.01, epsilon: 1e-10)
    take()
    UpdateKernels.rmsprop(
      parameter, gradient: gradient, square: second, keep: 1, rate: 0.01, decay: 0.99, epsilon: 1e-8)
    take()
    UpdateKernels.adam(
      parameter, gradient: gradient, first: first, second: second, keep: 0.999, rate: 0.01, gradientRate: 0.002,
      beta1: 0.9,
      beta2: 0.999, rootCorrection: 1.5, epsilon: 1e-8)
    take()
    UpdateKernels.adamax(
      parameter, gradient: gradient, first: first, norm: second, keep: 1, rate: 0.01, beta1: 0.9, beta2: 0.999,
      epsilon: 1e-8)
    take()
    let weight = parameter.matrix(rows: 25, columns: 40)
    UpdateKernels.maxNorm(weight, limit: 1, scratch: memory.zeros(1, 40).elements)
    take()
  }

  /// Everything that Lockstep leaves to the library: learning rates, the optimizers' corrections, truncated normal
  /// weights.
  private static func mathLibrary(_ memory: inout Memory, _ digest: inout SHA256Digest) {
    let schedules: [Schedule] = [
      .step(every: 7, gamma: 0.3), .exponential(rate: 0.97, every: 13), .polynomial(power: 1.7, end: 0.01),
      .cosine(warmupSteps: 10, end: 0.1), .oneCycle(peak: 0.3, divide: 25, finalDivide: 10_000),
    ]
    for schedule in schedules {
      for step in 0..<100 { digest.take(schedule.factor(step: step, horizon: 97)) }
    }
    for decay in [0.9, 0.95, 0.99, 0.999] {
      for update in 1...100 { digest.take(pow(decay, Double(update))) }
    }
    // NAdam's momentum.
    for update in 1...100 { digest.take(pow(0.96, Double(update) * 0.004)) }
    let weight = memory.zeros(1, 1000).elements
    Initializer.heNormal.fill(weight, shape: .vector(1000), key: RandomKey(seed: 1, purpose: .initialization))
    digest.take(weight)
  }

  /// Where the probe's matrices live; each gets the next numbers of one random stream.
  private struct Memory {
    private let arena = Arena(count: 1 << 20)
    private var used = 0
    private var drawn: UInt64 = 0

    mutating func zeros(_ rows: Int, _ columns: Int) -> Matrix {
      let matrix = arena.matrix(at: used, rows: rows, columns: columns)
      used += Arena.aligned(rows * columns)
      return matrix
    }

    mutating func normal(_ rows: Int, _ columns: Int) -> Matrix {
      let matrix = zeros(rows, columns)
      RandomKey(seed: 1, purpose: .features).stream(drawn).normal(into: matrix.elements)
      drawn += 1
      return matrix
    }

    mutating func moments(_ columns: Int) -> Moments {
      Moments(
        count: 0, mean: zeros(1, columns).elements, meanLow: zeros(1, columns).elements,
        m2: zeros(1, columns).elements)
    }
  }
}

extension SHA256Digest {
  fileprivate mutating func take(_ vector: Vector) {
    vector.withBytes { update($0) }
  }

  fileprivate mutating func take(_ matrix: Matrix) {
    take(matrix.elements)
  }

  fileprivate mutating func take(_ value: Double) {
    update((0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) })
  }
}
