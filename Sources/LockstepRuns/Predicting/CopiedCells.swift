import LockstepFormats
import LockstepKernels

/// Cells of a block of rows, as the table of text has them, each followed by a comma.
struct CopiedCells {
  private var bytes: [UInt8] = []
  /// Where each row ends.
  private var ends: [Int] = []
  /// Bytes that complete a block, however few rows they are.
  private static let most = 8 << 20

  var isFull: Bool { bytes.count >= Self.most }

  /// Empty where nothing is copied.
  func row(_ index: Int) -> ArraySlice<UInt8> {
    ends.isEmpty ? [] : bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// Adds cells of the row at which `reader` stands, as they are: with the blanks around those without quotes.
  mutating func add(_ columns: [Int], of reader: borrowing CSVReader) {
    if columns.isEmpty { return }
    for column in columns {
      let cell = reader.cells[column]
      // An empty cell stays one without quotes.
      if cell.start < cell.end {
        bytes +=
          cell.isQuoted
          ? PredictionTable.cell(reader.bytes(column)) : PredictionTable.cell(reader.buffer[cell.start..<cell.end])
      }
      bytes.append(UInt8(ascii: ","))
    }
    ends.append(bytes.count)
  }
}
