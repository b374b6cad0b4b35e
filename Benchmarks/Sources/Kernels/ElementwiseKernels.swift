import LockstepKernels
import LockstepModel

/// What is done to activations between the products.
enum ElementwiseKernels {
  /// A shard of `deep`, which lies in the second cache, and the rows of one of two workers of `wide`, which do not.
  private static let shapes = [(rows: 64, columns: 256), (rows: 512, columns: 1024)]

  static let activations = shapes.map { rows, columns in
    KernelGroup(title: "activations of \(rows) × \(columns)") {
      ActivationFunction.all.flatMap { kernels($0, rows, columns) } + parametric(rows, columns)
    }
  }

  private static func kernels(_ function: ActivationFunction, _ rows: Int, _ columns: Int) -> [Kernel] {
    let operands = Operands()
    let (x, y, dy) = operands.matrices(rows, columns)
    function.forward(x.elements, into: y.elements)
    return [
      kernel(function.name, x, operands, reads: 1, writes: 1) { function.forward(x.elements, into: y.elements) },
      // In place, as in a step; it needs the function's argument or its value, never both.
      kernel("\(function.name) backward", x, operands, reads: 2, writes: 1, inPlace: true) {
        function.backward(x: x.elements, y: y.elements, dy: dy.elements, into: dy.elements)
      },
    ]
  }

  private static func parametric(_ rows: Int, _ columns: Int) -> [Kernel] {
    let operands = Operands()
    let (x, y, dy) = operands.matrices(rows, columns)
    let (slope, gradient) = (operands.vector(columns), operands.vector(columns))
    slope.fill(0.25)
    return [
      kernel("prelu", x, operands, reads: 1, writes: 1) { parametricReLU(x, slope: slope, into: y) },
      kernel("prelu backward", x, operands, reads: 2, writes: 1, inPlace: true) {
        parametricReLUSums(x: x, dy: dy, into: gradient)
        parametricReLUBackward(x: x, slope: slope, dy: dy, into: dy)
      },
    ]
  }

  static let batchNorm = KernelGroup(title: "BatchNorm and biases, over one shard") {
    [(8, 64), (32, 256), (64, 256), (128, 1024)].flatMap(batchNormKernels)
  }

  private static func batchNormKernels(_ rows: Int, _ columns: Int) -> [Kernel] {
    let operands = Operands()
    let (x, y, dy) = operands.matrices(rows, columns)
    let (gamma, beta) = (operands.vector(columns), operands.vector(columns))
    let (dGamma, dBeta) = (operands.vector(columns), operands.vector(columns))
    var moments = Moments(
      count: Double(rows), mean: operands.vector(columns), meanLow: operands.vector(columns),
      m2: operands.vector(columns))
    let inverse = operands.vector(columns)
    moments.measure(x)
    moments.inverseDeviation(epsilon: 1e-5, into: inverse)
    let (mean, low) = (moments.mean, moments.meanLow)
    return [
      kernel("column sums", x, operands, reads: 1, writes: 0) { columnSums(dy, into: dBeta) },
      kernel("moments", x, operands, reads: 1, writes: 0) { moments.measure(x) },
      kernel("forward", x, operands, reads: 1, writes: 1) {
        Normalization.forward(x, mean: mean, meanLow: low, inverse: inverse, gamma: gamma, beta: beta, into: y)
      },
      kernel("forward with relu", x, operands, reads: 1, writes: 1) {
        Normalization.forward(
          x, mean: mean, meanLow: low, inverse: inverse, gamma: gamma, beta: beta, then: .relu, into: y)
      },
      kernel("backward sums", x, operands, reads: 2, writes: 0) {
        Normalization.backwardSums(
          x: x, mean: mean, meanLow: low, inverse: inverse, dy: dy, gammaGradient: dGamma, betaGradient: dBeta)
      },
      kernel("backward input", x, operands, reads: 2, writes: 1, inPlace: true) {
        Normalization.backwardInput(
          x: x, count: Double(rows), mean: mean, meanLow: low, inverse: inverse, gamma: gamma, gammaGradient: dGamma,
          betaGradient: dBeta, dy: dy, into: dy)
      },
    ]
  }

  static let losses = KernelGroup(title: "loss and its gradient, over one shard") {
    [(8, 4), (32, 2), (128, 10), (128, 1000)].map { rows, classes in
      let operands = Operands()
      let (logits, gradient) = (operands.matrix(rows, classes), operands.matrix(rows, classes))
      let labels = operands.matrix(rows, 1)
      for row in 0..<rows { labels[row, 0] = Float(row % classes) }
      return kernel("softmax cross entropy", logits, operands, reads: 1, writes: 1) {
        _ = LossKernels.softmaxCrossEntropy(
          logits: logits, labels: labels, smoothing: 0, scale: 1 / Float(rows), gradient: gradient)
      }
    }
  }

  /// One that goes over matrices of the shape of `x`.
  private static func kernel(
    _ name: String, _ x: Matrix, _ operands: Operands, reads: Int, writes: Int, inPlace: Bool = false,
    call: @escaping () -> Void
  ) -> Kernel {
    Kernel(
      name: name, shape: "\(x.rows) × \(x.columns)",
      work: .memory(.elements(x.count, reads: reads, writes: writes, inPlace: inPlace)), operands: operands, call: call)
  }
}
