/// What is known of a layer's values after rows of them have been seen: sums in Double for every unit, and how often
/// each value came.
///
/// Rows are added in their order by one thread, so the figures follow from the rows alone. Sums run over the distances
/// to a unit's first value: for a unit that hardly moves, a sum of squares would hold nothing but its mean.
package final class UnitStatistics {
  package let units: Int
  package private(set) var rows = 0
  private var first: [Float]
  private var sums: [Double]
  private var squares: [Double]
  /// The smallest and the largest value of each unit.
  package private(set) var minima: [Float]
  package private(set) var maxima: [Float]
  private var counts = [Int](repeating: 0, count: ValueBins.fine.count)

  package init(units: Int) {
    self.units = units
    first = [Float](repeating: 0, count: units)
    sums = [Double](repeating: 0, count: units)
    squares = sums
    minima = [Float](repeating: .infinity, count: units)
    maxima = [Float](repeating: -.infinity, count: units)
  }

  /// Takes the rows of `values` [rows, units].
  package func add(_ values: Matrix) {
    precondition(values.columns == units, "\(values.columns) columns for \(units) units")
    guard values.rows > 0 else { return }
    if rows == 0 { first = values.row(0).array }
    rows += values.rows
    first.withUnsafeBufferPointer { first in
      sums.withUnsafeMutableBufferPointer { sums in
        squares.withUnsafeMutableBufferPointer { squares in
          for row in 0..<values.rows {
            let x = values.base + row * values.stride
            for unit in 0..<units {
              let distance = Double(x[unit]) - Double(first[unit])
              sums[unit] += distance
              squares[unit] += distance * distance
            }
          }
        }
      }
    }
    minima.withUnsafeMutableBufferPointer { minima in
      maxima.withUnsafeMutableBufferPointer { maxima in
        for row in 0..<values.rows {
          let x = values.base + row * values.stride
          for unit in 0..<units {
            minima[unit] = x[unit] < minima[unit] ? x[unit] : minima[unit]
            maxima[unit] = x[unit] > maxima[unit] ? x[unit] : maxima[unit]
          }
        }
      }
    }
    let (bins, elements) = (ValueBins.fine, values.elements)
    counts.withUnsafeMutableBufferPointer { counts in
      for index in 0..<values.count { counts[bins.bin(of: elements.base[index])] += 1 }
    }
  }

  private var elements: Double { Double(rows) * Double(units) }

  /// The mean of all values.
  package var mean: Double {
    let total = (0..<units).reduce(0.0) { $0 + sums[$1] + Double(rows) * Double(first[$1]) }
    return total / elements
  }

  /// √(Σ x² / count) over all values.
  package var rootMeanSquare: Double {
    let total = (0..<units).reduce(0.0) { $0 + sumOfSquares(of: $1) }
    // What rounding leaves below 0; max(0, total) would hide a NaN.
    return (total < 0 ? 0 : total / elements).squareRoot()
  }

  /// √(Σ x² / count) of each of `channels` numbers that come again at every position of a row.
  package func rootMeanSquares(channels: Int) -> [Double] {
    precondition(channels > 0 && units % channels == 0, "\(units) units by \(channels) channels")
    let count = Double(rows) * Double(units / channels)
    return (0..<channels).map { channel in
      let total = stride(from: channel, to: units, by: channels).reduce(0.0) { $0 + sumOfSquares(of: $1) }
      return (total < 0 ? 0 : total / count).squareRoot()
    }
  }

  /// The largest value of each of `channels` numbers that come again at every position.
  package func maxima(channels: Int) -> [Float] {
    precondition(channels > 0 && units % channels == 0, "\(units) units by \(channels) channels")
    return (0..<channels).map { channel in
      stride(from: channel, to: units, by: channels).reduce(-.infinity) { maxima[$1] > $0 ? maxima[$1] : $0 }
    }
  }

  /// Σ x² of a unit over the rows.
  private func sumOfSquares(of unit: Int) -> Double {
    let shift = Double(first[unit])
    return squares[unit] + 2 * shift * sums[unit] + Double(rows) * shift * shift
  }

  /// The mean over the units of each unit's standard deviation over the rows (of all rows, not an estimate from a
  /// sample).
  package var meanDeviation: Double {
    let count = Double(rows)
    return (0..<units).reduce(0.0) { total, unit in
      let mean = sums[unit] / count
      let variance = squares[unit] / count - mean * mean
      return total + (variance < 0 ? 0 : variance).squareRoot()
    } / Double(units)
  }

  /// The values in the order of their size: how many, between which bounds.
  package var distribution: ValueDistribution {
    ValueDistribution(counts: counts, low: minima.min() ?? 0, high: maxima.max() ?? 0)
  }
}
