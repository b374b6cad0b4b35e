import LockstepFormats
import LockstepKernels

/// Turns the numbers of a row, as a table holds them, into the inputs of a network.
package final class SampleEncoder: Sendable {
  /// Inputs of the network, and columns of the table.
  let features: Int
  let columns: Int
  private let numbers: ColumnScaling
  /// By column: the input of each category's number, in the order of the table's numbers; empty for a number. −1 where
  /// training knows no such category.
  private let inputs: [[Int32]]
  /// By column: how many inputs it becomes.
  private let widths: [Int]
  private let hasCategories: Bool
  /// Whether a row is taken as it is.
  let isPlain: Bool
  let fillsMissing: Bool
  private let ignoresUnknown: Bool
  private let roundsFirst: Bool

  /// - Parameter names: by column, the categories in the order of the table's numbers; nil where these are the
  ///   preprocessing's own.
  package init(_ preprocessing: Preprocessing, names: [[String]?]? = nil) {
    features = preprocessing.features
    columns = preprocessing.columns.count
    var (means, deviations, inputs): ([Double], [Double], [[Int32]]) = ([], [], [])
    for (index, column) in preprocessing.columns.enumerated() {
      switch column.encoding {
      case .number(let mean, let deviation):
        means.append(mean)
        deviations.append(deviation)
        inputs.append([])
      case .category(let known):
        means.append(0)
        deviations.append(1)
        if let own = names?[index] {
          let labels = Labels(named: known)
          inputs.append(own.map { Int32(labels.place(of: $0) ?? -1) })
        } else {
          inputs.append(known.indices.map { Int32($0) })
        }
      }
    }
    self.inputs = inputs
    widths = preprocessing.columns.map(\.width)
    numbers = ColumnScaling(
      means: means, deviations: deviations, isScaling: preprocessing.isStandardized,
      isFilling: preprocessing.fillsMissing)
    hasCategories = preprocessing.columns.contains(where: \.isCategory)
    isPlain = !hasCategories && !preprocessing.isStandardized && !preprocessing.fillsMissing
    (fillsMissing, ignoresUnknown) = (preprocessing.fillsMissing, preprocessing.ignoresUnknown)
    roundsFirst = preprocessing.roundsFirst
  }

  /// Writes row `index` of `table` into `row`, one element an input.
  ///
  /// - Returns: the first column whose number is not finite, or whose category is unknown; nil if all is well.
  func encode(_ table: NumericArray, _ index: Int, into row: Vector) -> Int? {
    if isPlain {
      table.read(row: index, into: row)
      return row.firstNonFinite
    }
    if hasCategories { return encode(into: row) { body in table.forEach(row: index, body) } }
    table.forEach(row: index) { column, value in row[column] = scaled(value, column) }
    return row.firstNonFinite
  }

  @inline(__always)
  private func scaled(_ value: Double, _ column: Int) -> Float {
    numbers.applied(to: roundsFirst ? Double(Float(value)) : value, column: column)
  }

  /// What each of the 256 bytes of a pixel becomes, one channel's after the other's: pixels are divided by 255 as those
  /// of arrays are.
  func pixelValues(channels: Int) -> [Float] {
    (0..<channels).flatMap { channel in
      (0..<256).map { byte in isPlain ? Float(byte) / 255 : scaled(Double(byte) / 255, channel) }
    }
  }

  /// Encodes numbers in memory.
  package func encode(_ values: [Double], into row: Vector) -> Int? {
    encode(into: row) { body in for column in 0..<columns { body(column, values[column]) } }
  }

  @inline(__always)
  private func encode(into row: Vector, _ forEach: ((Int, Double) -> Void) -> Void) -> Int? {
    var (at, bad) = (0, Int?.none)
    forEach { column, value in
      let width = widths[column]
      defer { at += width }
      let places = inputs[column]
      if places.isEmpty {
        row[at] = scaled(value, column)
        if !row[at].isFinite, bad == nil { bad = column }
        return
      }
      row[at..<at + width].fill(0)
      // Missing: none of them.
      if value.isNaN, fillsMissing { return }
      let place = value >= 0 && value < Double(places.count) ? Int(places[Int(value)]) : -1
      if place >= 0 {
        row[at + place] = 1
      } else if !ignoresUnknown || value.isNaN, bad == nil {
        bad = column
      }
    }
    return bad
  }
}

extension Preprocessing {
  /// Brings standardised targets back to the units that they have in files, in place: y ← y · deviation + mean, in
  /// Double.
  package func restoreUnits(_ targets: Matrix) {
    guard !targetScales.isEmpty else { return }
    for row in 0..<targets.rows {
      for (column, scale) in targetScales.enumerated() {
        targets[row, column] = Float(Double(targets[row, column]) * scale.deviation + scale.mean)
      }
    }
  }
}
