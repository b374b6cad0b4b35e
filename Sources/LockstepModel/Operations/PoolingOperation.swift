import LockstepKernels

/// One number of every window and channel.
struct PoolingOperation: LocalOperation {
  enum Kind: Sendable {
    case max
    case average
    /// The mean over the whole image, a row of features.
    case globalAverage
  }

  let kind: Kind
  let shape: ConvolutionShape
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    memory.team.synchronize(from: wiring.inputShape, to: wiring.outputShape)
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    let (x, y) = (input(all).rows(part.rows), output(all).rows(part.rows))
    switch kind {
    case .max: Pooling.max(x, into: y, shape: shape)
    case .average: Pooling.average(x, into: y, shape: shape)
    case .globalAverage: Pooling.average(x, into: y, shape: shape, channels: part.columns)
    }
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    // The buffer that it writes may still be read by others.
    memory.team.synchronize()
    let (all, rows) = (memory.all, memory.part(of: wiring.inputShape).rows)
    let (x, dy, dx) = (input(all).rows(rows), outputGradient(all).rows(rows), inputGradient(all).rows(rows))
    switch kind {
    case .max:
      Pooling.maxInputGradient(
        x: x, y: output(all).rows(rows), dy: dy, throughInput: wiring.inputActivation, into: dx, shape: shape)
    case .average, .globalAverage:
      Pooling.averageInputGradient(
        dy, throughInput: wiring.inputActivation.map { ($0, value: x) }, into: dx, shape: shape)
    }
  }
}

/// An image as a row of numbers. They stay where they are; but features are dealt otherwise than images.
struct FlattenOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    memory.team.synchronize(from: wiring.inputShape, to: wiring.outputShape)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    memory.team.synchronize(from: wiring.inputShape, to: wiring.outputShape)
  }
}
