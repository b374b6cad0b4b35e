import LockstepKernels

/// Something on a network's way forward and back: it reads one value and writes the next.
protocol Wired: Sendable {
  /// Path of the layer, such as `dense0`.
  var path: String { get }
  var wiring: Wiring { get set }
}

/// One step of the way that a shard goes alone, built from a layer's description.
///
/// Operations hold no state. Everything a pass writes stands in the shard's memory, so any number of shards go through at the same time.
protocol Operation: Wired {
  func forward(_ shard: ShardMemory, _ pass: Pass)
  func backward(_ shard: ShardMemory, _ pass: Pass)
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
  func input(_ shard: ShardMemory) -> Matrix { shard.value(wiring.input) }
  func output(_ shard: ShardMemory) -> Matrix { shard.value(wiring.output) }
  func outputGradient(_ shard: ShardMemory) -> Matrix {
    shard.valueGradient(wiring.outputGradient, width: wiring.outputWidth)
  }
  func inputGradient(_ shard: ShardMemory) -> Matrix {
    shard.valueGradient(wiring.inputGradient, width: wiring.inputWidth)
  }
}

