import LockstepKernels

/// Where some vectors stand that belong to the columns of one value: each of its width, `stride` apart.
struct ColumnVectors: Sendable {
  let offset: Int
  let width: Int
  let stride: Int

  init(offset: Int, width: Int) { self.init(offset: offset, width: width, stride: Arena.aligned(width)) }

  private init(offset: Int, width: Int, stride: Int) {
    (self.offset, self.width, self.stride) = (offset, width, stride)
  }

  /// Elements of vector `index`.
  func vector(_ index: Int) -> Range<Int> {
    let start = offset + index * stride
    return start..<start + width
  }

  /// Those of some of its columns.
  subscript(columns: Range<Int>) -> ColumnVectors {
    ColumnVectors(offset: offset + columns.lowerBound, width: columns.count, stride: stride)
  }
}
