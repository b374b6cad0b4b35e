import LockstepKernels

/// Brings pictures to one height and width, by bilinear interpolation with antialiasing: columns first, rounded to 8
/// bits, then rows, as Pillow does. A picture that has the size stays as it is.
package struct PictureResizer: Sendable {
  package let height: Int
  package let width: Int
  package let fit: PictureFit
  /// For pictures of the size that the last one had; the next is often of the same.
  private var last: Pass?
  private var between: [UInt8] = []

  private struct Pass {
    var height, width: Int
    var rows, columns: ResamplingTaps
  }

  /// - Parameters:
  ///   - height: at least 1.
  ///   - width: at least 1.
  package init(height: Int, width: Int, fit: PictureFit) {
    precondition(height > 0 && width > 0, "a picture without pixels")
    (self.height, self.width, self.fit) = (height, width, fit)
  }

  /// Writes `picture`, brought to the size, into `result`.
  ///
  /// - Returns: false where it has the size already; `result` is then as it was.
  package mutating func resize(_ picture: Picture, into result: inout Picture) -> Bool {
    precondition(picture.count > 0, "a picture without pixels")
    if picture.height == height && picture.width == width { return false }
    let pass = pass(for: picture)
    let row = width * picture.channels
    // Only the rows that the second pass reads.
    let rows = pass.rows.source
    if between.count < rows.count * row { between = [UInt8](repeating: 0, count: rows.count * row) }
    pass.columns.resampleColumns(
      of: picture.memory, columns: picture.width, channels: picture.channels, rows: rows, into: &between)
    result.reshape(height: height, width: width, channels: picture.channels)
    pass.rows.resampleRows(of: between, origin: rows.lowerBound, row: row, into: &result.memory)
    return true
  }

  private mutating func pass(for picture: Picture) -> Pass {
    if let last, last.height == picture.height, last.width == picture.width { return last }
    let plan = fit.plan((picture.height, picture.width), (height, width))
    let pass = Pass(
      height: picture.height, width: picture.width,
      rows: ResamplingTaps(from: picture.height, to: plan.height, kept: plan.rows),
      columns: ResamplingTaps(from: picture.width, to: plan.width, kept: plan.columns))
    last = pass
    return pass
  }
}
