/// A view of a row-major float32 matrix in an `Arena`: element (r, c) stands at `r * stride + c`.
///
/// `@unchecked Sendable`: it is a view of an arena, and the arena's rule (one writer between two barriers) covers it.
@safe
public struct Matrix: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  /// Samples, where it holds a batch; inputs, where it is a dense layer's weight.
  public let rows: Int
  /// Features or units.
  public let columns: Int
  /// Elements from one row to the next: `columns`, but where the matrix is some columns of a wider one.
  public let stride: Int

  init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// Elements: `rows * columns`.
  public var count: Int { rows * columns }

  /// Whether its rows follow one another, so that `elements` may be asked for.
  public var isContiguous: Bool { stride == columns || rows <= 1 }

  /// All elements in storage order. Some columns of a wider matrix have none: asking for them ends the process.
  public var elements: Vector {
    precondition(isContiguous, "\(columns) columns of \(stride) are not one run of elements")
    return Vector(base: base, count: count)
  }

  /// Row `index` as a view of `columns` elements of the same memory.
  public func row(_ index: Int) -> Vector {
    precondition(index >= 0 && index < rows, "row outside the matrix")
    return Vector(base: base + index * stride, count: columns)
  }

  /// The rows `range`, as a view of the same memory.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows outside the matrix")
    return Matrix(base: base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// The columns `range`, as a view of the same memory.
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns outside the matrix")
    return Matrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// The same elements in rows of `columns`, which every row is a multiple of. Its rows must follow one another.
  package func split(columns: Int) -> Matrix {
    precondition(isContiguous && columns > 0 && self.columns % columns == 0, "rows of \(self.columns) by \(columns)")
    return Matrix(base: base, rows: count / columns, columns: columns)
  }

  /// The element at `row` and `column`, both counted from 0; one outside ends the process.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "element outside the matrix")
      return base[row * stride + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "element outside the matrix")
      base[row * stride + column] = newValue
    }
  }
}

/// Calls `body` with the elements of matrices of one shape: all at once where they follow one another in each, else row
/// by row. For what is done to each element alone.
package func eachRun(_ a: Matrix, _ b: Matrix, _ body: (Vector, Vector) -> Void) {
  precondition(a.rows == b.rows && a.columns == b.columns, "shapes do not fit")
  if a.isContiguous && b.isContiguous { return body(a.elements, b.elements) }
  for row in 0..<a.rows { body(a.row(row), b.row(row)) }
}

/// The same of three.
package func eachRun(_ a: Matrix, _ b: Matrix, _ c: Matrix, _ body: (Vector, Vector, Vector) -> Void) {
  precondition(a.rows == c.rows && a.columns == c.columns, "shapes do not fit")
  if a.isContiguous && b.isContiguous && c.isContiguous { return body(a.elements, b.elements, c.elements) }
  for row in 0..<a.rows { body(a.row(row), b.row(row), c.row(row)) }
}

/// The same of four.
package func eachRun(
  _ a: Matrix, _ b: Matrix, _ c: Matrix, _ d: Matrix, _ body: (Vector, Vector, Vector, Vector) -> Void
) {
  precondition(a.rows == d.rows && a.columns == d.columns, "shapes do not fit")
  if a.isContiguous && b.isContiguous && c.isContiguous && d.isContiguous {
    return body(a.elements, b.elements, c.elements, d.elements)
  }
  for row in 0..<a.rows { body(a.row(row), b.row(row), c.row(row), d.row(row)) }
}
