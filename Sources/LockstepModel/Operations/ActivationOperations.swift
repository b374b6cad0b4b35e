import LockstepKernels

/// y = f(x), elementwise.
struct ActivationOperation: LocalOperation {
  let function: ActivationFunction
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isApplied { return }
    let part = memory.part(of: wiring.outputShape)
    eachRun(input(memory.all).part(part), output(memory.all).part(part)) { function.forward($0, into: $1) }
  }

  /// dx = dy · f′(x)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    if wiring.isDifferentiated { return }
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    eachRun(
      input(all).part(part), output(all).part(part), outputGradient(all).part(part), inputGradient(all).part(part)
    ) { function.backward(x: $0, y: $1, dy: $2, into: $3) }
  }
}

/// y = f(x), elementwise, f of a program's own.
struct CustomActivationOperation: LocalOperation {
  let function: any CustomActivation
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let part = memory.part(of: wiring.outputShape)
    eachRun(input(memory.all).part(part), output(memory.all).part(part)) { x, y in
      x.lend { x in y.lendMutable { y in function.apply(to: x, into: &y) } }
    }
  }

  /// dx = dy · f′(x)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    let isInPlace = wiring.inputGradient == wiring.outputGradient
    eachRun(input(all).part(part), outputGradient(all).part(part), inputGradient(all).part(part)) { x, dy, dx in
      if !isInPlace { dx.copy(from: dy) }
      x.lend { x in dx.lendMutable { dx in function.multiply(&dx, byDerivativeAt: x) } }
    }
  }
}

/// y = x > 0 ? x : slope · x with learned slopes, one a channel or one for all.
struct ParametricReLUOperation: LocalOperation {
  let slope: ParameterLayout.Place
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let part = memory.part(of: shape)
    parametricReLU(
      input(memory.all).part(part).positions(of: shape),
      slope: slopes(memory.all, of: memory.team.channels(of: shape)),
      into: output(memory.all).part(part).positions(of: shape))
  }

  /// dx = dy · (x > 0 ? 1 : slope), and over each shard dslope = Σ dy · min(x, 0)
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let (summed, channels) = (memory.team.summedChannels(of: shape), memory.team.channels(of: shape))
    memory.eachShard(shape: shape) { shard in
      parametricReLUSums(
        x: input(shard).positions(of: shape).columns(summed),
        dy: outputGradient(shard).positions(of: shape).columns(summed),
        into: (isShared ? shard.scratch[0..<shape.channels] : shard.gradient(slope))[summed])
    } then: { shard, part in
      parametricReLUBackward(
        x: input(shard).part(part).positions(of: shape), slope: slopes(shard, of: channels),
        dy: outputGradient(shard).part(part).positions(of: shape),
        into: inputGradient(shard).part(part).positions(of: shape))
    }
    guard isShared else { return }
    memory.team.synchronize()
    for shard in memory.ownShards() { shard.gradient(slope)[0] = shard.scratch[0..<shape.channels].total }
    // The next PReLU has the same scratch.
    memory.team.synchronize()
  }

  private var shape: Shape { wiring.outputShape }
  private var isShared: Bool { slope.count == 1 && shape.channels > 1 }

  private func slopes(_ rows: BatchRows, of channels: Range<Int>) -> Vector {
    let slopes = rows.parameter(slope)
    return isShared ? slopes : slopes[channels]
  }
}

/// What a random layer draws for every unit of every row in training.
enum RandomFactor: Sendable {
  case randomizedReLU(lower: Float, upper: Float)
  case dropout(rate: Float)
  /// For every channel of every row.
  case spatialDropout(rate: Float)
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
    let part = memory.part(of: wiring.outputShape)
    let (x, y) = (input(memory.all).part(part), output(memory.all).part(part))
    if pass.mode == .inference { return infer(x, into: y) }
    if case .spatialDropout(let rate) = layer.factor { return drop(rate, memory, pass, part) }
    let (factors, first) = (memory.all.factor(layer.place).part(part), part.columns.lowerBound)
    for row in 0..<x.rows {
      let stream = stream(of: row, memory, pass, part)
      let (x, y, factor) = (x.row(row), y.row(row), factors.row(row))
      switch layer.factor {
      case .randomizedReLU(let lower, let upper):
        randomizedReLU(x, from: first, lower: lower, upper: upper, stream: stream, into: y, factor: factor)
      case .dropout(let rate), .spatialDropout(let rate):
        dropout(x, from: first, rate: rate, stream: stream, into: y, factor: factor)
      case .alphaDropout(let rate): alphaDropout(x, from: first, rate: rate, stream: stream, into: y, factor: factor)
      }
    }
  }

  private func stream(of row: Int, _ memory: WorkerMemory, _ pass: Pass, _ part: Part) -> RandomStream {
    layer.key.stream(
      pass.step, row: UInt32(truncatingIfNeeded: memory.all.firstRow + part.rows.lowerBound + row))
  }

  /// Draws a factor a channel, the unit of the row that it is.
  private func drop(_ rate: Float, _ memory: WorkerMemory, _ pass: Pass, _ part: Part) {
    let (x, y) = (input(memory.all).part(part), output(memory.all).part(part))
    let (factors, channels) = (memory.all.factor(layer.place).rows(part.rows), wiring.outputShape.channels)
    for row in 0..<x.rows {
      dropout(
        x.row(row)[0..<channels], rate: rate, stream: stream(of: row, memory, pass, part),
        into: y.row(row)[0..<channels], factor: factors.row(row))
    }
    scaleChannels(x, factors, into: y)
  }

  /// Every position of a row times the row's factors.
  private func scaleChannels(_ x: Matrix, _ factors: Matrix, into y: Matrix) {
    for row in 0..<x.rows {
      scaleColumns(
        x.rows(row..<row + 1).positions(of: wiring.outputShape), by: factors.row(row),
        into: y.rows(row..<row + 1).positions(of: wiring.outputShape))
    }
  }

  /// dx = dy · factor
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    if case .spatialDropout = layer.factor {
      return scaleChannels(
        outputGradient(all).part(part), all.factor(layer.place).rows(part.rows), into: inputGradient(all).part(part))
    }
    eachRun(outputGradient(all).part(part), all.factor(layer.place).part(part), inputGradient(all).part(part)) {
      multiplyElements($0, $1, into: $2)
    }
  }

  /// RReLU's slope is the mean of its range; dropout lets everything pass.
  private func infer(_ x: Matrix, into y: Matrix) {
    switch layer.factor {
    case .randomizedReLU(let lower, let upper):
      eachRun(x, y) { ActivationFunction.leakyReLU(negativeSlope: (lower + upper) / 2).forward($0, into: $1) }
    case .dropout, .spatialDropout, .alphaDropout:
      eachRun(x, y) { $1.copy(from: $0) }
    }
  }
}
