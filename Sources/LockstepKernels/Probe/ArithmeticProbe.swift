/// Runs every kind of kernel over fixed data: two machines on which all the results are the same bytes very probably
/// give a run the same bits. It costs a few milliseconds.
package enum ArithmeticProbe {
  /// Sides of the matrix products: odd ones, one row, one column, and sizes at which libraries change their method.
  private static let shapes = [
    (1, 64, 33), (5, 1, 7), (17, 31, 13), (37, 29, 3), (64, 128, 10), (128, 64, 40), (128, 256, 256), (96, 300, 65),
  ]
  /// Fixed, so that checkpoints of before are still known when there are more.
  private static let activations: [ActivationFunction] = [
    .sigmoid, .tanh, .relu, .leakyReLU(negativeSlope: 0.3), .elu(alpha: 1), .selu, .softplus, .softsign, .gelu,
    .geluTanh, .silu, .mish,
  ]
  private static let rows = 37
  /// Columns, and classes: below the sixteen lanes of a vector, below two vectors, and beyond the 32 classes whose
  /// softmax stands in lanes.
  private static let widths = [3, 7, 29, 40]

  /// The bytes of all results, in a fixed order.
  package static func results() -> [UInt8] {
    withFloatingPointEnvironment {
      var results: [UInt8] = []
      var memory = Memory()
      products(&memory, &results)
      activations(&memory, &results)
      for width in widths {
        rectifiers(width, &memory, &results)
        normalization(width, &memory, &results)
        losses(width, &memory, &results)
      }
      randomLayers(&memory, &results)
      sums(&memory, &results)
      updates(&memory, &results)
      return results
    }
  }

  private static func products(_ memory: inout Memory, _ results: inout [UInt8]) {
    for (m, k, n) in shapes {
      let scratch = ProductScratch(shards: 1, shardRows: m, weights: [(k, n)])
      let (a, b) = (memory.normal(m, k), memory.normal(k, n))
      let c = memory.zeros(m, n)
      multiply(a, b, bias: memory.normal(1, n).elements, into: c, scratch: scratch)
      results.take(c)
      // The two products of the backward pass: inputs' and weights' gradients.
      let inputGradient = memory.zeros(m, k)
      multiplyTransposingSecond(c, b, into: inputGradient, scratch: scratch)
      results.take(inputGradient)
      let gradient = memory.zeros(k, n)
      weightGradient(x: a, dy: c, shardRows: Slots(repeating: m, count: 1), into: gradient, scratch: scratch)
      results.take(gradient)
    }
  }

  private static func activations(_ memory: inout Memory, _ results: inout [UInt8]) {
    let (x, dy) = (memory.normal(1, 1000).elements, memory.normal(1, 1000).elements)
    let (y, dx) = (memory.zeros(1, 1000).elements, memory.zeros(1, 1000).elements)
    for function in activations {
      function.forward(x, into: y)
      function.backward(x: x, y: y, dy: dy, into: dx)
      results.take(y)
      results.take(dx)
    }
  }

  private static func rectifiers(_ columns: Int, _ memory: inout Memory, _ results: inout [UInt8]) {
    let (x, dy) = (memory.normal(rows, columns), memory.normal(rows, columns))
    let (y, dx) = (memory.zeros(rows, columns), memory.zeros(rows, columns))
    // A slope a unit, and one that is shared.
    for slopes in [columns, 1] {
      let (slope, slopeGradient) = (memory.normal(1, slopes).elements, memory.zeros(1, slopes).elements)
      parametricReLU(x, slope: slope, into: y)
      let sums = slopes == 1 ? memory.zeros(1, columns).elements : slopeGradient
      parametricReLUSums(x: x, dy: dy, into: sums)
      if slopes == 1 { slopeGradient[0] = sums.total }
      parametricReLUBackward(x: x, slope: slope, dy: dy, into: dx)
      results.take(y)
      results.take(dx)
      results.take(slopeGradient)
    }
  }

  private static func normalization(_ columns: Int, _ memory: inout Memory, _ results: inout [UInt8]) {
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
    results.take(y)
    let (gammaGradient, betaGradient) = (memory.zeros(1, columns).elements, memory.zeros(1, columns).elements)
    Normalization.backwardSums(
      x: x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, dy: dy, gammaGradient: gammaGradient,
      betaGradient: betaGradient)
    Normalization.backwardInput(
      x: x, count: moments.count, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: gamma,
      gammaGradient: gammaGradient, betaGradient: betaGradient, dy: dy, into: y)
    results.take(gammaGradient)
    results.take(betaGradient)
    results.take(y)
    moments = Moments.merge(moments, others, into: moments)
    moments.fold(momentum: 0.9, intoMean: gamma, variance: beta)
    columnSums(x, into: inverse)
    for vector in [moments.mean, moments.meanLow, moments.m2, gamma, beta, inverse] { results.take(vector) }
  }

  private static func losses(_ columns: Int, _ memory: inout Memory, _ results: inout [UInt8]) {
    let (prediction, target) = (memory.normal(rows, columns), memory.normal(rows, columns))
    let gradient = memory.zeros(rows, columns)
    let labels = memory.zeros(rows, 1)
    for row in 0..<rows { labels[row, 0] = Float(row % columns) }
    func take(_ sum: Double) {
      results.take(sum)
      results.take(gradient)
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
    results.take(gradient)
  }

  private static func randomLayers(_ memory: inout Memory, _ results: inout [UInt8]) {
    let stream = RandomKey(seed: 5, purpose: .dropout).stream(7)
    let x = memory.normal(1, 1000).elements
    let (y, factor) = (memory.zeros(1, 1000).elements, memory.zeros(1, 1000).elements)
    func take() {
      results.take(y)
      results.take(factor)
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

  private static func sums(_ memory: inout Memory, _ results: inout [UInt8]) {
    let (leaves, count) = (memory.normal(8, 1000).elements, 1000)
    let sum = memory.zeros(1, count).elements
    for number in [2, 3, 4, 5, 8] {
      Tree.sum(leaves, leaves: number, stride: count, at: 0, into: sum)
      results.take(sum)
      results.take(sum.sumOfSquares)
    }
  }

  private static func updates(_ memory: inout Memory, _ results: inout [UInt8]) {
    let count = 1000
    let (gradient, parameter) = (memory.normal(1, count).elements, memory.normal(1, count).elements)
    let (first, second) = (memory.zeros(1, count).elements, memory.zeros(1, count).elements)
    UpdateKernels.clipAndRegularize(gradient: gradient, parameter: parameter, scale: 0.7, limit: 1, l1: 1e-4, l2: 1e-3)
    results.take(gradient)
    func take() {
      for vector in [parameter, first, second] { results.take(vector) }
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

extension [UInt8] {
  fileprivate mutating func take(_ vector: Vector) {
    vector.withBytes { bytes in
      reserveCapacity(count + bytes.byteCount)
      for index in bytes.byteOffsets { append(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
    }
  }

  fileprivate mutating func take(_ matrix: Matrix) {
    take(matrix.elements)
  }

  fileprivate mutating func take(_ value: Double) {
    for byte in 0..<8 { append(UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64(byte)))) }
  }
}
