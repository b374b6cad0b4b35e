import LockstepKernels

/// One step of a network's way forward and back, built from a layer's description: it reads one value and writes the
/// next.
///
/// Operations hold no state. Everything a pass writes stands in the worker's memory. What works row by row takes all of
/// the worker's rows at once; what sums over rows takes shard by shard, because the shard is the unit of arithmetic.
protocol Operation: Sendable {
  /// Path of the layer, such as `dense0`.
  var path: String { get }
  var wiring: Wiring { get set }
  var hasParameters: Bool { get }
  var batchNorm: BatchNormTensors? { get }
  /// Whether it applies the activation that follows at once to its output, if that activation's derivative follows from
  /// its value; see `Wiring.activation`.
  var appliesActivation: Bool { get }

  /// - Parameters:
  ///   - all: every worker's shards.
  ///   - synchronize: waits until every worker has come as far.
  func forward(_ memory: WorkerMemory, _ pass: Pass, among all: [ShardMemory], synchronize: () -> Void)
  func backward(_ memory: WorkerMemory, _ pass: Pass, among all: [ShardMemory], synchronize: () -> Void)
}

/// An operation that a worker's shards go through alone, as nearly all do.
protocol LocalOperation: Operation {
  func forward(_ memory: WorkerMemory, _ pass: Pass)
  func backward(_ memory: WorkerMemory, _ pass: Pass)
}

/// Which values and gradient buffers an operation is connected to.
struct Wiring: Sendable {
  var input = 0
  var output = 0
  var inputWidth = 0
  var outputWidth = 0
  /// Gradient buffer that holds dy.
  var outputGradient = 0
  /// Gradient buffer that receives dx; the same where it is computed in place.
  var inputGradient = 0
  /// Applied to the output while it is in cache.
  var activation: ActivationFunction?
  /// False where no parameters stand before this operation, so that nobody reads dx.
  var needsInputGradient = true
}

extension LocalOperation {
  func forward(_ memory: WorkerMemory, _ pass: Pass, among all: [ShardMemory], synchronize: () -> Void) {
    forward(memory, pass)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass, among all: [ShardMemory], synchronize: () -> Void) {
    backward(memory, pass)
  }
}

extension Operation {
  var hasParameters: Bool { false }
  var batchNorm: BatchNormTensors? { nil }
  var appliesActivation: Bool { false }

  func input(_ portion: Portion) -> Matrix { portion.value(wiring.input) }
  func output(_ portion: Portion) -> Matrix { portion.value(wiring.output) }
  func outputGradient(_ portion: Portion) -> Matrix {
    portion.valueGradient(wiring.outputGradient, width: wiring.outputWidth)
  }
  func inputGradient(_ portion: Portion) -> Matrix {
    portion.valueGradient(wiring.inputGradient, width: wiring.inputWidth)
  }
}
