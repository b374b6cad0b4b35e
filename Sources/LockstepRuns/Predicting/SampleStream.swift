import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// The inputs of a network, block by block in the order of a file: what predictions are made of.
protocol SampleStream {
  /// Writes the next rows into `inputs`, at most as many as it holds.
  ///
  /// - Returns: how many; 0 only at the end.
  mutating func next(into inputs: Matrix) throws(RunError) -> Int

  /// The names of the columns that are copied.
  var kept: [String] { get }
  /// The cells of those columns in the last rows.
  var copied: CopiedCells { get }
  /// Missing cells and unknown categories of all rows so far.
  var gaps: ReadingGaps { get }
}

/// The samples of an array: mapped, encoded when they are asked for.
struct ArraySampleStream: SampleStream {
  private let data: FileDataset
  private var position = 0
  private var filled = 0
  let kept: [String] = []
  let copied = CopiedCells()
  var gaps: ReadingGaps { ReadingGaps(filled: filled) }

  init(_ data: FileDataset) { self.data = data }

  mutating func next(into inputs: Matrix) throws(RunError) -> Int {
    let range = position..<min(position + inputs.rows, data.count)
    try asInput { () throws(DatasetError) in
      try withFloatingPointEnvironment { () throws(DatasetError) in
        try data.fillFeatures(range, into: inputs.rows(0..<range.count))
      }
    }
    filled += try asInput { () throws(DatasetError) in try data.missingNumbers(in: range) }
    position = range.upperBound
    return range.count
  }
}

/// The rows of a table, of which no more than a block is in memory.
final class TableSampleStream: SampleStream {
  private var reader: CSVReader
  private var decoder: CSVDecoder
  private let encoder: SampleEncoder
  private let columns: KeptColumns
  private(set) var copied = CopiedCells()
  private var row: [Double]
  private var hasRow = true

  /// - Parameters:
  ///   - kept: columns that are copied.
  ///   - isStopped: asked while standard input has nothing to read yet; once it returns true, reading throws.
  init(
    _ source: CSVSource, _ preprocessing: Preprocessing, keeping kept: [String], isStopped: (@Sendable () -> Bool)?
  ) throws(DataFileError) {
    var reader = CSVReader(try ByteStream(source.path, isStopped: isStopped), source.dialect)
    let source = source.renamed(reader.path)
    decoder = try CSVDecoder(&reader, source, preprocessing.rules(withTargets: false))
    columns = try KeptColumns(
      kept, among: decoder.names, count: decoder.names?.count ?? reader.cells.count, source.path)
    self.reader = reader
    encoder = SampleEncoder(preprocessing)
    row = [Double](repeating: 0, count: decoder.numbers)
  }

  var kept: [String] { columns.names }
  var gaps: ReadingGaps { ReadingGaps(unknown: decoder.unknown, filled: decoder.missingCells) }

  func next(into inputs: Matrix) throws(RunError) -> Int {
    var count = 0
    copied.removeAll()
    while hasRow && count < inputs.rows && !copied.isFull {
      let line = reader.line
      try asInput { () throws(DataFileError) in
        var numbers = row.mutableSpan
        // Without targets no row is left out.
        _ = try decoder.decode(reader, into: &numbers)
      }
      let bad = withFloatingPointEnvironment { encoder.encode(row, into: inputs.row(count)) }
      if let bad {
        throw .input(
          "\(reader.path):\(line): feature \(bad): found \(row[bad]), which is not finite once it is standardised")
      }
      copied.add(columns.places, of: reader)
      count += 1
      hasRow = try asInput { () throws(DataFileError) in try reader.next() }
    }
    return count
  }
}
