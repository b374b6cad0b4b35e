/// A view of a row-major float32 matrix in an `Arena`: element (r, c) stands at `r * columns + c`.
///
/// `@unchecked Sendable`: it is a view of an arena, and the arena's rule (one writer between two barriers) covers it.
@safe
public struct Matrix: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  /// Samples, where it holds a batch; inputs, where it is a dense layer's weight.
  public let rows: Int
  /// Features or units.
  public let columns: Int

  init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int) {
    self.base = base
    self.rows = rows
    self.columns = columns
  }

  /// Elements: `rows * columns`.
  public var count: Int { rows * columns }

  /// All elements in storage order.
  public var elements: Vector { Vector(base: base, count: count) }

  /// Row `index` as a view of `columns` elements of the same memory.
  public func row(_ index: Int) -> Vector {
    precondition(index >= 0 && index < rows, "row outside the matrix")
    return Vector(base: base + index * columns, count: columns)
  }

  /// The rows `range`, as a view of the same memory.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the matrix")
    return Matrix(base: base + range.lowerBound * columns, rows: range.count, columns: columns)
  }

  /// The element at `row` and `column`, both counted from 0; one outside ends the process.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "element outside the matrix")
      return base[row * columns + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "element outside the matrix")
      base[row * columns + column] = newValue
    }
  }
}
