import LockstepKernels
import LockstepTraining

/// The inputs of a network, block by block in the order of a file: what predictions are made of.
protocol SampleStream {
  /// Writes the next rows into `inputs`, as many as it holds or as are left.
  ///
  /// - Returns: how many; 0 at the end.
  mutating func next(into inputs: Matrix) throws(RunError) -> Int
}

/// The samples of an array: mapped, encoded when they are asked for.
struct ArraySampleStream: SampleStream {
  private let data: FileDataset
  private var position = 0

  init(_ data: FileDataset) { self.data = data }

  mutating func next(into inputs: Matrix) throws(RunError) -> Int {
    let range = position..<min(position + inputs.rows, data.count)
    try asInput { () throws(DatasetError) in
      try withFlushToZero { () throws(DatasetError) in try data.fillFeatures(range, into: inputs.rows(0..<range.count))
      }
    }
    position = range.upperBound
    return range.count
  }
}

/// The rows of a table, of which no more than a block is in memory.
final class TableSampleStream: SampleStream {
  private var reader: CSVReader
  private var decoder: CSVDecoder
  private let encoder: SampleEncoder
  private var row: [Double]
  private var hasRow = true

  init(_ source: CSVSource, _ preprocessing: Preprocessing) throws(DataFileError) {
    var reader = try CSVReader(source.path, source.dialect)
    decoder = try CSVDecoder(&reader, source, preprocessing.rules(withTargets: false))
    self.reader = reader
    encoder = SampleEncoder(preprocessing)
    row = [Double](repeating: 0, count: decoder.numbers)
  }

  func next(into inputs: Matrix) throws(RunError) -> Int {
    var count = 0
    while hasRow && count < inputs.rows {
      let line = reader.line
      // Without targets no row is left out.
      _ = try asInput { () throws(DataFileError) in try decoder.decode(reader, into: &row) }
      let bad = withFlushToZero { encoder.encode(row, into: inputs.row(count)) }
      if let bad {
        throw .input(
          "\(reader.path):\(line): feature \(bad): found \(row[bad]), which is not finite once it is standardised")
      }
      count += 1
      hasRow = try asInput { () throws(DataFileError) in try reader.next() }
    }
    return count
  }
}
