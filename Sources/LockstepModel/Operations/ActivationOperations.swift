import LockstepKernels

/// y = f(x), elementwise.
struct ActivationOperation: LocalOperation {
  let function: ActivationFunction
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isApplied { return }
    function.forward(input(memory.all).elements, into: output(memory.all).elements)
  }

  /// dx = dy · f′(x)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isDifferentiated { return }
    let all = memory.all
    function.backward(
      x: input(all).elements, y: output(all).elements, dy: outputGradient(all).elements,
      into: inputGradient(all).elements)
  }
}

/// y = x > 0 ? x : slope · x with learned slopes.
struct ParametricReLUOperation: LocalOperation {
  let slope: ParameterLayout.Place
  var wiring: Wiring

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

/// What a random layer draws for every unit of every row in training.
enum RandomFactor: Sendable {
  case randomizedReLU(lower: Float, upper: Float)
  case dropout(rate: Float)
  case alphaDropout(rate: Float)
}

/// A layer that draws: RReLU, Dropout, AlphaDropout.
struct RandomLayer: Sendable {
  let factor: RandomFactor
  /// Derived from the seed and the layer; the step and the row select the stream, the unit its element.
  let key: RandomKey
  /// Where the drawn factors stand in a worker's memory.
  let place: Int
}

/// y = x times a factor drawn for every unit of every row (AlphaDropout's is affine).
struct RandomOperation: LocalOperation {
  let layer: RandomLayer
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let (x, y) = (input(memory.all), output(memory.all))
    if pass.mode == .inference { return infer(x, into: y) }
    let factors = memory.all.factor(layer.place)
    for row in 0..<x.rows {
      let stream = layer.key.stream(pass.step, row: UInt32(truncatingIfNeeded: memory.all.firstRow + row))
      switch layer.factor {
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
    multiplyElements(outputGradient(all).elements, all.factor(layer.place).elements, into: inputGradient(all).elements)
  }

  /// RReLU's slope is the mean of its range; dropout lets everything pass.
  private func infer(_ x: Matrix, into y: Matrix) {
    switch layer.factor {
    case .randomizedReLU(let lower, let upper):
      ActivationFunction.leakyReLU(negativeSlope: (lower + upper) / 2).forward(x.elements, into: y.elements)
    case .dropout, .alphaDropout:
      y.elements.copy(from: x.elements)
    }
  }
}
