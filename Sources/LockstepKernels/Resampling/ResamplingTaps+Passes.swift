internal import CKernels

extension ResamplingTaps {
  /// Resamples the columns of the rows `rows` of a picture of `columns` columns. The result's rows stand at the
  /// beginning of `result`.
  package func resampleColumns(
    of picture: [UInt8], columns: Int, channels: Int, rows: Range<Int>, into result: inout [UInt8]
  ) {
    precondition(channels == 1 || channels == 3, "a picture has 1 or 3 channels")
    precondition(source.upperBound <= columns && rows.lowerBound >= 0, "elements that there are not")
    precondition(rows.upperBound * columns * channels <= picture.count, "rows outside the picture")
    precondition(rows.count * count * channels <= result.count, "a result without room")
    withTaps { taps in
      picture.withUnsafeBufferPointer { input in
        result.withUnsafeMutableBufferPointer { output in
          guard let input = input.baseAddress, let output = output.baseAddress else { return }
          lk_resample_columns(
            taps, rows.count, columns, channels, input + rows.lowerBound * columns * channels, output)
        }
      }
    }
  }

  /// Resamples the rows, of `row` bytes each, of a picture of which `picture` begins with row `origin`.
  package func resampleRows(of picture: [UInt8], origin: Int, row: Int, into result: inout [UInt8]) {
    let needed = source
    precondition(needed.lowerBound >= origin && row >= 0, "rows that there are not")
    precondition((needed.upperBound - origin) * row <= picture.count, "rows outside the picture")
    precondition(count * row <= result.count, "a result without room")
    withTaps { taps in
      picture.withUnsafeBufferPointer { input in
        result.withUnsafeMutableBufferPointer { output in
          guard let input = input.baseAddress, let output = output.baseAddress else { return }
          lk_resample_rows(taps, origin, row, input, output)
        }
      }
    }
  }

  private func withTaps(_ body: (lk_taps) -> Void) {
    first.withUnsafeBufferPointer { first in
      counts.withUnsafeBufferPointer { counts in
        weights.withUnsafeBufferPointer { weights in
          body(
            lk_taps(
              elements: count, most: most, first: first.baseAddress, count: counts.baseAddress,
              weights: weights.baseAddress))
        }
      }
    }
  }
}
