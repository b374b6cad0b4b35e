/// Runs every kind of kernel over fixed data: two machines on which all the results are the same bytes very probably
/// give a run the same bits. It costs a few milliseconds.
package enum ArithmeticProbe {
  /// Sides of the matrix products: odd ones, one row, one column, and sizes at which libraries change their method.
  private static let shapes = [
    (1, 64, 33), (5, 1, 7), (17, 31, 13), (37, 29, 3), (64, 128, 10), (128, 64, 40), (128, 256, 256), (96, 300, 65),
  ]
  private static let rows = 37
  /// Columns, and classes: below the sixteen lanes of a vector, below two vectors, and beyond the 32 classes whose
  /// softmax stands in lanes.
  private static let widths = [3, 7, 29, 40]

  /// The bytes of all results, part by part.
  package static func results() -> ProbeResults {
    withFloatingPointEnvironment {
      var results = ProbeResults()
      products(.float32, &results)
      products(.bf16, &results)
      for function in ActivationFunction.all { activation(function, &results) }
      for width in widths {
        rectifiers(width, &results)
        normalization(width, &results)
        losses(width, &results)
      }
      randomLayers(&results)
      sums(&results)
      for optimizer in Optimizer.all + sgdWithMomentum { updates(of: optimizer, &results) }
      clipping(&results)
      scalars(&results)
      return results
    }
  }

  /// Whether this machine rounds a product and a sum together, once: what the promise of the same bits on every
  /// processor asks for.
  package static let fusesMultiplyAdd: Bool = withFloatingPointEnvironment {
    var memory = ProbeMemory()
    let (x, bias, y) = (memory.zeros(1, 1), memory.zeros(1, 1), memory.zeros(1, 1))
    x[0, 0] = 1 + 0x1p-12
    bias[0, 0] = -(1 + 0x1p-11)
    multiply(
      x, x, bias: bias.elements, into: y, scratch: ProductScratch(shards: 1, shardRows: 1, weights: [(1, 1)]))
    return y[0, 0] == 0x1p-24
  }

  private static func products(_ precision: Precision, _ results: inout ProbeResults) {
    results.begin(precision == .float32 ? "matrix products" : "matrix products in \(precision.rawValue)")
    for (m, k, n) in shapes {
      var memory = ProbeMemory()
      let scratch = ProductScratch(precision, shards: 1, shardRows: m, weights: [(k, n)])
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

  private static func activation(_ function: ActivationFunction, _ results: inout ProbeResults) {
    results.begin("activation \(function.name)")
    var memory = ProbeMemory()
    let (x, dy) = (memory.normal(1, 1000).elements, memory.normal(1, 1000).elements)
    let (y, dx) = (memory.zeros(1, 1000).elements, memory.zeros(1, 1000).elements)
    for scale: Float in [1, 30] {
      for index in 0..<x.count { x[index] *= scale }
      function.forward(x, into: y)
      function.backward(x: x, y: y, dy: dy, into: dx)
      results.take(y)
      results.take(dx)
    }
  }

  private static func rectifiers(_ columns: Int, _ results: inout ProbeResults) {
    results.begin("prelu")
    var memory = ProbeMemory()
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

  private static func normalization(_ columns: Int, _ results: inout ProbeResults) {
    results.begin("batch_norm")
    var memory = ProbeMemory()
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

  private static func losses(_ columns: Int, _ results: inout ProbeResults) {
    results.begin("losses")
    var memory = ProbeMemory()
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

  private static func randomLayers(_ results: inout ProbeResults) {
    results.begin("random layers")
    var memory = ProbeMemory()
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

  private static func sums(_ results: inout ProbeResults) {
    results.begin("sums over shards")
    var memory = ProbeMemory()
    let (leaves, count) = (memory.normal(8, 1000).elements, 1000)
    let sum = memory.zeros(1, count).elements
    for number in [2, 3, 4, 5, 8] {
      Tree.sum(leaves, leaves: number, stride: count, at: 0, into: sum)
      results.take(sum)
      results.take(sum.sumOfSquares)
    }
  }

  private static let sgdWithMomentum: [Optimizer] = [
    .sgd(learningRate: 0.1, momentum: 0.9), .sgd(learningRate: 0.1, momentum: 0.9, nesterov: true),
  ]

  private static func updates(of optimizer: Optimizer, _ results: inout ProbeResults) {
    results.begin("optimizer \(optimizer.name)")
    var memory = ProbeMemory()
    let count = 1000
    let parameter = memory.normal(1, count).elements
    let slots = optimizer.slots.map { _ in memory.zeros(1, count).elements }
    var progress = OptimizerProgress()
    for factor in [1, 0.5, 1e-3] {
      let rule = optimizer.with(learningRate: 0.01).rule(factor: factor, progress: &progress)
      rule.apply(
        to: parameter, gradient: memory.normal(1, count).elements, first: slots.first, second: slots.dropFirst().first,
        keep: 0.999)
      for vector in [parameter] + slots { results.take(vector) }
    }
  }

  private static func clipping(_ results: inout ProbeResults) {
    results.begin("clipping and regularisation")
    var memory = ProbeMemory()
    let (gradient, parameter) = (memory.normal(25, 40), memory.normal(25, 40))
    UpdateKernels.clipAndRegularize(
      gradient: gradient.elements, parameter: parameter.elements, scale: 0.7, limit: 1, l1: 1e-4, l2: 1e-3)
    results.take(gradient)
    UpdateKernels.maxNorm(parameter, limit: 1, scratch: memory.zeros(1, 40).elements)
    results.take(parameter)
  }

  private static func scalars(_ results: inout ProbeResults) {
    results.begin("functions of Double")
    for number in 1...100 {
      let x = Double(number)
      for value in [
        Scalar.exp(-x / 7), Scalar.log(x / 70), Scalar.pow(0.96, x * 0.004), Scalar.pow(0.999, x), Scalar.cos(x / 32),
      ] { results.take(value) }
    }
  }
}

/// Where the matrices of one part live; each gets the next numbers of one random stream. No part's numbers follow from
/// what other parts there are: so fingerprints that know different parts can be compared in those that both know.
package struct ProbeMemory {
  private let arena = Arena(count: 1 << 18)
  private var used = 0
  private var drawn: UInt64 = 0

  package init() {}

  package mutating func zeros(_ rows: Int, _ columns: Int) -> Matrix {
    let matrix = arena.matrix(at: used, rows: rows, columns: columns)
    used += Arena.aligned(rows * columns)
    return matrix
  }

  package mutating func normal(_ rows: Int, _ columns: Int) -> Matrix {
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

/// What a probe gave: bytes under the name of what made them.
package struct ProbeResults {
  package private(set) var parts: [String: [UInt8]] = [:]
  private var part = ""

  package init() {}

  /// What is taken from now on belongs to `name`; a part may go on later.
  package mutating func begin(_ name: String) { part = name }

  package mutating func take(_ vector: Vector) {
    vector.withBytes { bytes in
      bytes.withUnsafeBytes { parts[part, default: []].append(contentsOf: $0) }
    }
  }

  package mutating func take(_ matrix: Matrix) { take(matrix.elements) }

  package mutating func take(_ value: Double) {
    for byte in 0..<8 {
      parts[part, default: []].append(UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64(byte))))
    }
  }
}
