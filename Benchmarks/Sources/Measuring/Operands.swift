import LockstepKernels

/// Memory for what is measured, filled with N(0, 1), because numbers that are all alike or denormal may be faster or
/// slower than those of a training.
///
/// It must be held as long as anybody uses the views that it has handed out.
final class Operands {
  private var arenas: [Arena] = []
  private let key = RandomKey(seed: 1, purpose: .probe)

  func vector(_ count: Int) -> Vector {
    let arena = Arena(count: count)
    key.stream(UInt64(arenas.count)).normal(into: arena.all)
    arenas.append(arena)
    return arena.all
  }

  func matrix(_ rows: Int, _ columns: Int) -> Matrix { vector(rows * columns).matrix(rows: rows, columns: columns) }

  /// Three of the same shape: a layer's input, its output, and a gradient.
  func matrices(_ rows: Int, _ columns: Int) -> (x: Matrix, y: Matrix, dy: Matrix) {
    (matrix(rows, columns), matrix(rows, columns), matrix(rows, columns))
  }

  /// The squares of N(0, 1): for variances and what else is never negative.
  func positive(_ count: Int) -> Vector {
    let vector = vector(count)
    multiplyElements(vector, vector, into: vector)
    return vector
  }
}
