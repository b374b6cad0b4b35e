import LockstepFormats
import LockstepKernels
import LockstepTraining

/// The format of a file of predictions.
public enum PredictionFormat: Sendable {
  /// A table of text with a header, comma-separated.
  case csv
  /// A NumPy array: float32, or for the likeliest class its names, as integers where all are whole numbers.
  case npy

  /// The path that means standard output.
  package static let standardOutput = "-"

  /// The format by the ending of a path, `.csv` or `.npy`; `csv` for standard output, `-`. nil for any other path.
  public init?(path: String) {
    if path.lowercased().hasSuffix(".csv") || path == Self.standardOutput {
      self = .csv
    } else if path.lowercased().hasSuffix(".npy") {
      self = .npy
    } else {
      return nil
    }
  }
}

/// Writes a row for each sample to standard output, or to a file that appears once it is complete.
struct PredictionWriter: ~Copyable {
  private enum Rows {
    case table(PredictionTable)
    case array(PredictionArray)
  }

  private var file: TemporaryFile?
  private let standardOutput: FileDescriptor?
  private let format: Rows
  private var rows = 0
  private var buffer: [UInt8]

  /// - Parameter kept: the names of the copied columns that `write` will be given.
  init(
    _ path: String, _ format: PredictionFormat, _ content: PredictionContent, besides kept: [String]
  ) throws(FileError) {
    switch format {
    case .csv:
      let table = PredictionTable(content)
      (self.format, buffer) = (.table(table), table.header(besides: kept))
    case .npy:
      self.format = .array(PredictionArray(content))
      buffer = [UInt8](repeating: 0, count: PredictionArray.headerSize)
    }
    let isFile = path != PredictionFormat.standardOutput
    file = isFile ? try TemporaryFile(replacing: path) : nil
    standardOutput = isFile ? nil : try FileDescriptor.standardOutput()
  }

  /// - Parameters:
  ///   - outputs: of the network, a row a sample.
  ///   - concluded: probabilities, or numbers in their units.
  ///   - copied: what stands before them in a table.
  mutating func write(_ outputs: Matrix, _ concluded: Matrix, besides copied: CopiedCells) throws(FileError) {
    for r in 0..<outputs.rows {
      switch format {
      case .table(let table):
        buffer += copied.row(r)
        table.append(outputs.row(r), concluded.row(r), to: &buffer)
      case .array(let array): array.append(outputs.row(r), concluded.row(r), to: &buffer)
      }
      if buffer.count > 1 << 20 { try flush() }
    }
    rows += outputs.rows
    // The reader at the other end need not wait for the last row.
    if file == nil { try flush() }
  }

  /// Puts the file in its place.
  mutating func commit() throws(FileError) {
    try flush()
    if case .array(let array) = format { try file?.overwriteStart(array.header(rows: rows)) }
    try file?.commit()
  }

  private mutating func flush() throws(FileError) {
    try file?.write(buffer, 0..<buffer.count)
    try standardOutput?.write(buffer, 0..<buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }
}
