import Libc

/// A view of `count` consecutive float32 elements of an `Arena`. Copying it copies the view; elements are written
/// through it.
///
/// `@unchecked Sendable`: it is a view of an arena, and the arena's rule (one writer between two barriers) covers it.
@safe
public struct Vector: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  /// Elements, of 4 bytes each.
  public let count: Int

  init(base: UnsafeMutablePointer<Float>, count: Int) {
    self.base = base
    self.count = count
  }

  /// Element `index`, counted from 0; one outside ends the process.
  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index outside the vector")
      return base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index outside the vector")
      base[index] = newValue
    }
  }

  /// The elements `range`, as a view of the same memory.
  public subscript(range: Range<Int>) -> Vector {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the vector")
    return Vector(base: base + range.lowerBound, count: range.count)
  }

  /// All elements as a row-major matrix; `rows` × `columns` is `count`.
  public func matrix(rows: Int, columns: Int) -> Matrix {
    precondition(rows * columns == count, "\(count) elements do not make a \(rows) × \(columns) matrix")
    return Matrix(base: base, rows: rows, columns: columns)
  }

  /// `rows * columns` elements from `offset` on, row-major.
  public func matrix(at offset: Int, rows: Int, columns: Int) -> Matrix {
    precondition(
      offset >= 0 && rows >= 0 && columns >= 0 && offset + rows * columns <= count, "region outside the vector")
    return Matrix(base: base + offset, rows: rows, columns: columns)
  }

  /// Calls `body` for consecutive ranges of elements, so few that they stay in the first cache while several passes go
  /// over them.
  package func eachBlock(_ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: count, by: 2048) { body(start..<min(start + 2048, count)) }
  }

  /// Whether every element has the same 32 bits as in `other`.
  package func hasSameBits(as other: Vector) -> Bool {
    count == other.count && memcmp(base, other.base, count * MemoryLayout<Float>.stride) == 0
  }

  /// Sets every element to `value`.
  public func fill(_ value: Float) {
    UnsafeMutableBufferPointer(start: base, count: count).update(repeating: value)
  }

  /// Copies every element of `source`, which has the same count and does not overlap.
  public func copy(from source: Vector) {
    precondition(source.count == count)
    base.update(from: source.base, count: count)
  }

  /// Copies every element of `source`, which has as many as this vector.
  public func copy(from source: [Float]) {
    precondition(source.count == count)
    source.withUnsafeBufferPointer { if let start = $0.baseAddress { base.update(from: start, count: count) } }
  }

  /// A copy of the elements.
  public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Lends the elements.
  package func lend(_ body: (Span<Float>) -> Void) {
    body(UnsafeBufferPointer(start: base, count: count).span)
  }

  /// Lends the elements to be overwritten.
  package func lendMutable(_ body: (inout MutableSpan<Float>) -> Void) {
    var elements = MutableSpan(_unsafeStart: base, count: count)
    body(&elements)
  }

  /// Lends the `4 * count` bytes of the elements, in the machine's order, for files and digests.
  public func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
    try body(UnsafeBufferPointer(start: base, count: count).span.bytes)
  }

  /// Lends the `4 * count` bytes of the elements to be overwritten.
  public func withMutableBytes<Result, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var bytes = MutableRawSpan(
      _unsafeStart: UnsafeMutableRawPointer(base), byteCount: count * MemoryLayout<Float>.stride)
    return try body(&bytes)
  }
}
