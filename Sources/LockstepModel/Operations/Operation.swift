import LockstepKernels

/// What a stage does in the passes: forward it reads one value and gives the next, backward it takes the gradient of
/// the one to that of the other.
///
/// Operations hold no state. Everything a pass writes stands in the worker's memory. What works row by row takes all of
/// the worker's rows at once; what sums over rows takes shard by shard, because the shard is the unit of arithmetic,
/// and what sums over shards asks the exchange.
protocol Operation: Sendable {
  var wiring: Wiring { get set }

  func forward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange)
  func backward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange)
}

/// An operation that a worker's shards go through alone, as nearly all do.
protocol LocalOperation: Operation {
  func forward(_ memory: WorkerMemory, _ pass: Pass)
  func backward(_ memory: WorkerMemory, _ pass: Pass)
}

/// Which values and gradient buffers a stage is connected to, and what of a neighbour's work it does.
struct Wiring: Sendable {
  /// The value that it reads.
  let input: Int
  let inputShape: Shape
  /// The value that it gives.
  let output: Int
  let outputShape: Shape
  /// Gradient buffer that holds dy.
  var outputGradient = 0
  /// Gradient buffer that receives dx; the same where it is computed in place.
  var inputGradient = 0
  /// Of both ends of a residual: gradient buffer of the skip.
  var skipGradient = 0
  /// Whether it has parameters that are trained: nobody reads the gradients of others.
  var isTrained = false
  /// False where no parameters that are trained stand before this stage, so that nobody reads dx.
  var needsInputGradient = true
  /// The activation that follows, applied to the output while it is in cache.
  var activation: ActivationFunction?
  /// Of an activation: whether the stage before applies it, in place.
  var isApplied = false
  /// Of an activation: whether the stage after multiplies by its derivative.
  var isDifferentiated = false
  /// The activation whose value is the input, where only this stage reads it: dx is then the gradient of that
  /// activation's argument.
  var inputActivation: ActivationFunction?

  init(input: Int, inputShape: Shape, output: Int, outputShape: Shape) {
    (self.input, self.inputShape, self.output, self.outputShape) = (input, inputShape, output, outputShape)
  }
}

extension LocalOperation {
  func forward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    forward(memory, pass)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass, _ exchange: Exchange) {
    backward(memory, pass)
  }
}

extension Operation {
  func input(_ rows: BatchRows) -> Matrix { rows.value(wiring.input) }
  func output(_ rows: BatchRows) -> Matrix { rows.value(wiring.output) }
  func outputGradient(_ rows: BatchRows) -> Matrix {
    rows.valueGradient(wiring.outputGradient, width: wiring.outputShape.count)
  }
  func inputGradient(_ rows: BatchRows) -> Matrix {
    rows.valueGradient(wiring.inputGradient, width: wiring.inputShape.count)
  }
}
