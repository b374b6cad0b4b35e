import LockstepKernels

/// Memory for the vectors of one test. Views do not keep their arena alive, so hold the `TestMemory` in a property of
/// the suite, which lives as long as the test runs.
public final class TestMemory {
  private var arenas: [Arena] = []

  public init() {}

  /// A vector of these elements. `misalignment` moves its start that many elements away from a cache line's.
  public func vector(_ elements: [Float], misalignment: Int = 0) -> Vector {
    let vector = vector(count: elements.count, misalignment: misalignment)
    vector.copy(from: elements)
    return vector
  }

  /// A vector of `count` elements, all `value`: a NaN unless told, so that an element that is not written shows.
  public func vector(count: Int, filledWith value: Float = .nan, misalignment: Int = 0) -> Vector {
    let arena = Arena(count: count + misalignment)
    arenas.append(arena)
    let vector = arena.vector(at: misalignment, count: count)
    vector.fill(value)
    return vector
  }

  /// Memory for the moments of so many columns.
  package func moments(columns: Int) -> Moments {
    Moments(
      count: 0, mean: vector(count: columns), meanLow: vector(count: columns), m2: vector(count: columns))
  }

  public func matrix(_ elements: [Float], rows: Int, columns: Int, misalignment: Int = 0) -> Matrix {
    vector(elements, misalignment: misalignment).matrix(rows: rows, columns: columns)
  }

  public func matrix(rows: Int, columns: Int, filledWith value: Float = .nan) -> Matrix {
    vector(count: rows * columns, filledWith: value).matrix(rows: rows, columns: columns)
  }
}

extension Matrix {
  public var array: [Float] { elements.array }
}
