import LockstepKernels

/// y = f(x), elementwise.
struct ActivationOperation: LocalOperation {
  let path: String
  let function: ActivationFunction
  /// Whether the operation before applies it, in place.
  var isApplied = false
  /// Whether the operation after multiplies by its derivative.
  var isDifferentiated = false
  var wiring = Wiring()

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if isApplied { return }
    function.forward(input(memory.all).elements, into: output(memory.all).elements)
  }

  /// dx = dy · f′(x)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    if isDifferentiated { return }
    let all = memory.all
    function.backward(
      x: input(all).elements, y: output(all).elements, dy: outputGradient(all).elements,
      into: inputGradient(all).elements)
  }
}

/// y = x > 0 ? x : slope · x with learned slopes.
struct ParametricReLUOperation: LocalOperation {
  let path: String
  let slope: ParameterLayout.Place
  var wiring = Wiring()

  var hasParameters: Bool { true }

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    parametricReLU(input(memory.all), slope: memory.all.parameter(slope), into: output(memory.all))
  }

  /// dx = dy · (x > 0 ? 1 : slope), and over each shard dslope = Σ dy · min(x, 0)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      parametricReLUBackward(
        x: input(shard), slope: shard.parameter(slope), dy: outputGradient(shard), into: inputGradient(shard),
        slopeGradient: shard.gradient(slope), scratch: shard.scratch)
    }
  }
}

/// A layer that draws a factor for every unit of every row in training: RReLU, Dropout, AlphaDropout.
struct RandomOperation: LocalOperation {
  enum Kind: Sendable {
    case randomizedReLU(lower: Float, upper: Float)
    case dropout(rate: Float)
    case alphaDropout(rate: Float)
  }

  let path: String
  let kind: Kind
  /// Derived from the seed and the layer; the step and the row select the stream, the unit its element.
  let key: RandomKey
  /// Where the drawn factors stand.
  let factor: Int
  var wiring = Wiring()

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let (x, y) = (input(memory.all), output(memory.all))
    if pass.mode == .inference { return infer(x, into: y) }
    let factors = memory.all.factor(factor)
    for row in 0..<x.rows {
      let stream = key.stream(pass.step, row: UInt32(truncatingIfNeeded: memory.all.firstRow + row))
      switch kind {
      case .randomizedReLU(let lower, let upper):
        randomizedReLU(
          x.row(row), lower: lower, upper: upper, stream: stream, into: y.row(row), factor: factors.row(row))
      case .dropout(let rate):
        dropout(x.row(row), rate: rate, stream: stream, into: y.row(row), factor: factors.row(row))
      case .alphaDropout(let rate):
        alphaDropout(x.row(row), rate: rate, stream: stream, into: y.row(row), factor: factors.row(row))
      }
    }
  }

  /// dx = dy · factor
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let all = memory.all
    multiplyElements(outputGradient(all).elements, all.factor(factor).elements, into: inputGradient(all).elements)
  }

  /// RReLU's slope is the mean of its range; dropout lets everything pass.
  private func infer(_ x: Matrix, into y: Matrix) {
    switch kind {
    case .randomizedReLU(let lower, let upper):
      ActivationFunction.leakyReLU(negativeSlope: (lower + upper) / 2).forward(x.elements, into: y.elements)
    case .dropout, .alphaDropout:
      y.elements.copy(from: x.elements)
    }
  }
}
