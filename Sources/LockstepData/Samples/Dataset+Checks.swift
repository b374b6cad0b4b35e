import LockstepKernels

extension Dataset {
  /// Whether `fill` can do what it is asked to.
  ///
  /// - Throws: `DatasetError` if an index is outside the set or a matrix has another shape than [indices, features]
  ///   and [indices, targetColumns].
  package func checkFill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    let columns = task.targetColumns
    guard x.rows == indices.count && x.columns == features && y.rows == indices.count && y.columns == columns else {
      throw DatasetError(
        "rows of a data set: found matrices of \(x.rows) × \(x.columns) and \(y.rows) × \(y.columns), "
          + "expected \(indices.count) × \(features) features and \(indices.count) × \(columns) targets"
      )
    }
    for r in indices.indices where indices[r] < 0 || indices[r] >= count {
      throw DatasetError("row \(r) of a batch: found sample \(indices[r]), expected 0 ..< \(count)")
    }
  }
}
