import Libc

/// How a figure changes from layer to layer.
enum Growth {
  /// exp of the least-squares slope of ln(value) against the index; what is not finite or not above 0 is left out.
  ///
  /// - Returns: nil with fewer than two points.
  static func fit(_ values: [(index: Int, value: Double?)]) -> Double? {
    let points = values.compactMap { point in
      point.value.flatMap { $0.isFinite && $0 > 0 ? (x: Double(point.index), y: log($0)) : nil }
    }
    guard points.count >= 2 else { return nil }
    let count = Double(points.count)
    let centre = points.reduce(0) { $0 + $1.x } / count
    let height = points.reduce(0) { $0 + $1.y } / count
    let across = points.reduce(0) { $0 + ($1.x - centre) * ($1.x - centre) }
    let up = points.reduce(0) { $0 + ($1.x - centre) * ($1.y - height) }
    return across > 0 ? exp(up / across) : nil
  }
}
