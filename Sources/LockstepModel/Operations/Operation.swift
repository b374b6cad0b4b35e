import LockstepKernels

/// Something on a network's way forward and back: it reads one value and writes the next.
protocol Wired: Sendable {
  /// Path of the layer, such as `dense0`.
  var path: String { get }
  var wiring: Wiring { get set }
  /// Where the gradients of its parameters stand in the layout; nil if it has none.
  var gradientRange: Range<Int>? { get }
}

/// One step of the way that a worker's shards go alone, built from a layer's description.
///
/// Operations hold no state. Everything a pass writes stands in the worker's memory. What works row by row takes all of the worker's rows at once; what sums over
/// rows takes shard by shard, because the shard is the unit of arithmetic.
protocol Operation: Wired {
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
  /// False where no parameters stand before this operation, so that nobody reads dx.
  var needsInputGradient = true
}

extension Wired {
  var gradientRange: Range<Int>? { nil }

  func input(_ portion: Portion) -> Matrix { portion.value(wiring.input) }
  func output(_ portion: Portion) -> Matrix { portion.value(wiring.output) }
  func outputGradient(_ portion: Portion) -> Matrix {
    portion.valueGradient(wiring.outputGradient, width: wiring.outputWidth)
  }
  func inputGradient(_ portion: Portion) -> Matrix {
    portion.valueGradient(wiring.inputGradient, width: wiring.inputWidth)
  }
}
