import LockstepKernels
import LockstepTraining

/// What predictions are written as.
public enum PredictionFormat: Sendable {
  /// A table of text with a header.
  case csv
  /// A NumPy array.
  case npy

  /// By the ending of a path; nil for another.
  public init?(path: String) {
    if path.lowercased().hasSuffix(".csv") {
      self = .csv
    } else if path.lowercased().hasSuffix(".npy") {
      self = .npy
    } else {
      return nil
    }
  }
}

/// Writes a row a sample to a file that appears when all are there.
struct PredictionWriter: ~Copyable {
  /// What of the outputs is written.
  enum Content {
    /// The name of the likeliest class.
    case classes([String])
    /// One column a label: 1 where its logit is above 0, else 0.
    case labels([String])
    /// One column a class.
    case probabilities([String])
    /// One column a target.
    case numbers([String])
  }

  /// Bytes before the elements of an array: what NumPy writes too.
  private static let headerSize = 128

  private var file: TemporaryFile
  private let format: PredictionFormat
  private let content: Content
  private var rows = 0
  private var buffer: [UInt8] = []
  /// Of each class, ready to be written.
  private let names: [[UInt8]]

  init(_ path: String, _ format: PredictionFormat, _ content: Content) throws(FileError) {
    (self.format, self.content) = (format, content)
    switch (content, format) {
    case (.classes(let names), .csv): self.names = names.map { Self.cell($0) + [0x0A] }
    case (.classes(let names), .npy): self.names = Self.elements(names)
    default: names = []
    }
    switch (content, format) {
    case (.classes, .csv): buffer = Array("prediction\n".utf8)
    case (.labels(let columns), .csv), (.probabilities(let columns), .csv), (.numbers(let columns), .csv):
      buffer = Array(columns.map { Self.cell($0) }.joined(separator: [0x2C])) + [0x0A]
    case (_, .npy): buffer = [UInt8](repeating: 0, count: Self.headerSize)
    }
    file = try TemporaryFile(replacing: path)
  }

  /// - Parameter outputs: logits for classes, else what is written.
  mutating func write(_ outputs: Matrix) throws(FileError) {
    for r in 0..<outputs.rows {
      let row = outputs.row(r)
      switch (content, format) {
      case (.classes, _): buffer.append(contentsOf: names[row.likeliestClass])
      case (.labels, .csv):
        for column in 0..<row.count {
          buffer.append(row[column] > 0 ? 0x31 : 0x30)
          buffer.append(column + 1 < row.count ? 0x2C : 0x0A)
        }
      case (.labels, .npy):
        for column in 0..<row.count { buffer.append(contentsOf: Self.bytes(row[column] > 0 ? 1 : 0 as Int64)) }
      case (_, .csv):
        for column in 0..<row.count {
          buffer.append(contentsOf: "\(row[column])".utf8)
          buffer.append(column + 1 < row.count ? 0x2C : 0x0A)
        }
      case (_, .npy):
        for column in 0..<row.count { buffer.append(contentsOf: Self.bytes(row[column].bitPattern)) }
      }
      if buffer.count > 1 << 20 { try flush() }
    }
    rows += outputs.rows
  }

  /// Puts the file in its place.
  mutating func commit() throws(FileError) {
    try flush()
    if format == .npy { try file.overwriteStart(header) }
    try file.commit()
  }

  private mutating func flush() throws(FileError) {
    try file.write(buffer, 0..<buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }

  private var header: [UInt8] {
    let columns: Int
    switch content {
    case .classes: columns = 1
    case .labels(let names), .probabilities(let names), .numbers(let names): columns = names.count
    }
    var type = "<f4"
    if case .labels = content { type = "<i8" }
    if case .classes(let names) = content {
      type = Self.isWhole(names) ? "<i8" : "<U\((self.names.first?.count ?? 4) / 4)"
    }
    var isTable = columns > 1
    if case .probabilities = content { isTable = true }
    let shape = isTable ? "(\(rows), \(columns))" : "(\(rows),)"
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    let length = Self.headerSize - 10
    let blanks = [UInt8](repeating: 0x20, count: length - 1 - text.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0] + Array(text.utf8) + blanks + [0x0A]
  }

  /// A cell of a table: in quotes where it would be taken for several, or for none.
  private static func cell(_ text: String) -> [UInt8] {
    let needsQuotes =
      text.isEmpty || text.utf8.contains { [0x2C, 0x22, 0x0A, 0x0D].contains($0) } || text.first == " "
      || text.last == " "
    return Array(
      (needsQuotes
        ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : text)
        .utf8)
  }

  /// Little-endian.
  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func isWhole(_ names: [String]) -> Bool { names.allSatisfy { Int64($0).map(String.init) == $0 } }

  /// Names as elements of an array: 64-bit integers where they are whole numbers, else UTF-32 of the longest's length.
  private static func elements(_ names: [String]) -> [[UInt8]] {
    if isWhole(names) { return names.map { bytes(Int64($0) ?? 0) } }
    let longest = max(1, names.map(\.unicodeScalars.count).max() ?? 1)
    return names.map { name in
      let scalars = name.unicodeScalars.map(\.value) + Array(repeating: 0, count: longest - name.unicodeScalars.count)
      return scalars.flatMap { bytes($0) }
    }
  }
}
