import LockstepKernels

/// y = f(x), elementwise.
struct ActivationOperation: LocalOperation {
  let function: ActivationFunction
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isApplied { return }
    let part = memory.part(of: wiring.outputShape.count)
    eachRun(input(memory.all).part(part), output(memory.all).part(part)) { function.forward($0, into: $1) }
  }

  /// dx = dy · f′(x)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isDifferentiated { return }
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape.count))
    eachRun(
      input(all).part(part), output(all).part(part), outputGradient(all).part(part), inputGradient(all).part(part)
    ) { function.backward(x: $0, y: $1, dy: $2, into: $3) }
  }
}

/// y = x > 0 ? x : slope · x with learned slopes.
struct ParametricReLUOperation: LocalOperation {
  let slope: ParameterLayout.Place
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let part = memory.part(of: width)
    parametricReLU(
      input(memory.all).part(part), slope: slopes(memory.all, of: part.columns), into: output(memory.all).part(part))
  }

  /// dx = dy · (x > 0 ? 1 : slope), and over each shard dslope = Σ dy · min(x, 0)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let columns = memory.team.columns(of: width)
    memory.eachShard(width: width) { shard in
      parametricReLUSums(
        x: input(shard).columns(columns), dy: outputGradient(shard).columns(columns),
        into: (isShared ? shard.scratch[0..<width] : shard.gradient(slope))[columns])
    } then: { shard, part in
      parametricReLUBackward(
        x: input(shard).part(part), slope: slopes(shard, of: columns), dy: outputGradient(shard).part(part),
        into: inputGradient(shard).part(part))
    }
    guard isShared else { return }
    memory.team.synchronize()
    for shard in memory.shards() { shard.gradient(slope)[0] = shard.scratch[0..<width].total }
    // The next PReLU has the same scratch.
    memory.team.synchronize()
  }

  private var width: Int { wiring.outputShape.count }
  private var isShared: Bool { slope.count == 1 && width > 1 }

  private func slopes(_ rows: BatchRows, of columns: Range<Int>) -> Vector {
    let slopes = rows.parameter(slope)
    return isShared ? slopes : slopes[columns]
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
    let part = memory.part(of: wiring.outputShape.count)
    let (x, y) = (input(memory.all).part(part), output(memory.all).part(part))
    if pass.mode == .inference { return infer(x, into: y) }
    let (factors, first) = (memory.all.factor(layer.place).part(part), part.columns.lowerBound)
    for row in 0..<x.rows {
      let place = memory.all.firstRow + part.rows.lowerBound + row
      let stream = layer.key.stream(pass.step, row: UInt32(truncatingIfNeeded: place))
      let (x, y, factor) = (x.row(row), y.row(row), factors.row(row))
      switch layer.factor {
      case .randomizedReLU(let lower, let upper):
        randomizedReLU(x, from: first, lower: lower, upper: upper, stream: stream, into: y, factor: factor)
      case .dropout(let rate): dropout(x, from: first, rate: rate, stream: stream, into: y, factor: factor)
      case .alphaDropout(let rate): alphaDropout(x, from: first, rate: rate, stream: stream, into: y, factor: factor)
      }
    }
  }

  /// dx = dy · factor
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape.count))
    eachRun(outputGradient(all).part(part), all.factor(layer.place).part(part), inputGradient(all).part(part)) {
      multiplyElements($0, $1, into: $2)
    }
  }

  /// RReLU's slope is the mean of its range; dropout lets everything pass.
  private func infer(_ x: Matrix, into y: Matrix) {
    switch layer.factor {
    case .randomizedReLU(let lower, let upper):
      eachRun(x, y) { ActivationFunction.leakyReLU(negativeSlope: (lower + upper) / 2).forward($0, into: $1) }
    case .dropout, .alphaDropout:
      eachRun(x, y) { $1.copy(from: $0) }
    }
  }
}
