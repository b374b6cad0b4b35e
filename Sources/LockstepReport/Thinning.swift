/// What is drawn of a line with more points than a picture has places.
///
/// The picture's width is cut into columns; of each column the first point, the last, the lowest and the highest are
/// kept, in their order. Drawn at that width, the line is the same as with all points: M4, Jugel, Jerzak, Hackenbroich,
/// Markl 2014, https://www.vldb.org/pvldb/vol7/p797-jugel.pdf
enum Thinning {
  /// - Parameters:
  ///   - points: with ascending places; one without a value is a gap, of which a column keeps one.
  ///   - place: the share of the axis before a point.
  static func points(
    _ points: [(x: Double, y: Double?)], columns: Int, place: (Double) -> Double?
  ) -> [(x: Double, y: Double?)] {
    guard points.count > 4 * columns else { return points }
    var (kept, column): ([(x: Double, y: Double?)], [Int]) = ([], [])
    var present = -1
    func close() {
      kept += extremes(of: column, in: points).map { points[$0] }
      column = []
    }
    for index in points.indices {
      let now = place(points[index].x).map { min(columns - 1, Int($0 * Double(columns))) } ?? present
      if now != present { close() }
      present = now
      column.append(index)
    }
    close()
    return kept
  }

  /// The first, the last, the lowest, the highest and one gap of the points `indices`, ascending.
  private static func extremes(of indices: [Int], in points: [(x: Double, y: Double?)]) -> [Int] {
    let known = indices.filter { points[$0].y != nil }
    func value(_ index: Int) -> Double { points[index].y ?? 0 }
    let kept = [
      known.first, known.last, known.min { value($0) < value($1) }, known.max { value($0) < value($1) },
      indices.first { points[$0].y == nil },
    ]
    return Set(kept.compactMap { $0 }).sorted()
  }
}
