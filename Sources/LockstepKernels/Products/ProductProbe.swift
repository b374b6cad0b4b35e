/// Asks whether one matrix product over the rows of several shards gives, bit for bit, what a product a shard gives.
///
/// A library may split a product by its number of rows, and then sums in another order. For one shape the order does not depend on the numbers, so fixed random
/// data shows it: were it another, some of many sums would round differently. One of them alone may come out the same, so a narrow product is tried until every row
/// has had `sums` of them.
package struct ProductProbe: Hashable, Sendable {
  /// Rows of each shard.
  var rows: [Int]
  var inner: Int
  var columns: Int
  var transposesSecond: Bool

  package init(rows: [Int], inner: Int, columns: Int, transposesSecond: Bool) {
    self.rows = rows
    self.inner = inner
    self.columns = columns
    self.transposesSecond = transposesSecond
  }

  /// Sums that every row is compared in, at least.
  private static let sums = 256

  package func rowsAreIndependent() -> Bool {
    let total = rows.reduce(0, +)
    let memory = (
      a: Arena(count: total * inner), b: Arena(count: inner * columns), whole: Arena(count: total * columns),
      parts: Arena(count: total * columns)
    )
    let a = memory.a.matrix(at: 0, rows: total, columns: inner)
    let b =
      transposesSecond
      ? memory.b.matrix(at: 0, rows: columns, columns: inner) : memory.b.matrix(at: 0, rows: inner, columns: columns)
    let whole = memory.whole.matrix(at: 0, rows: total, columns: columns)
    let parts = memory.parts.matrix(at: 0, rows: total, columns: columns)
    for trial in 0..<UInt64((ProductProbe.sums + columns - 1) / columns) {
      RandomKey(seed: 0, purpose: .probe, index: 2 * trial).stream(0).normal(into: memory.a.all)
      RandomKey(seed: 0, purpose: .probe, index: 2 * trial + 1).stream(0).normal(into: memory.b.all)
      product(a, b, whole)
      var start = 0
      for count in rows {
        product(a.rows(start..<start + count), b, parts.rows(start..<start + count))
        start += count
      }
      if !whole.elements.hasSameBits(as: parts.elements) { return false }
    }
    return true
  }

  private func product(_ a: Matrix, _ b: Matrix, _ c: Matrix) {
    if transposesSecond { multiplyTransposingSecond(a, b, into: c) } else { multiply(a, b, into: c) }
  }
}
