/// Reads a table of text row by row — RFC 4180, with what is found in the wild: any delimiter, line ends of Unix and
/// Windows, a byte order mark, blank lines.
///
/// A cell in quotes may hold delimiters, line ends, and quotes written twice; blanks around a cell without quotes do
/// not count.
package struct CSVReader: ~Copyable {
  /// Where a cell stands in `buffer`.
  package struct Cell {
    package var start: Int
    package var end: Int
    package var isQuoted = false
    /// Whether it holds quotes written twice.
    package var isEscaped = false
  }

  /// Most bytes of a row; a longer one is taken for a quote that is never closed.
  static let longestLine = 64 << 20

  package let path: String
  let delimiter: UInt8
  let quote: UInt8
  /// What begins a comment; where there are none the delimiter, which is looked for first anyway.
  private let comment: UInt8
  private let skippedLines: Int
  /// What cells say beyond plain numbers and the usual words.
  package let words: CSVWords
  private let stream: ByteStream
  package private(set) var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var end = 0
  private var position = 0
  private var isAtEnd = false
  /// The cells of the last row.
  package private(set) var cells: [Cell] = []
  /// The line at which the last row begins, counted from 1.
  package private(set) var line = 0
  private var nextLine = 1
  private var rowStart = 0

  package init(_ path: String, _ dialect: CSVDialect) throws(DataFileError) { self.init(try ByteStream(path), dialect) }

  package init(_ stream: ByteStream, _ dialect: CSVDialect) {
    let delimiter = dialect.delimiter.asciiValue ?? 0x2C
    self.stream = stream
    path = stream.path
    self.delimiter = delimiter
    quote = dialect.quote.asciiValue ?? 0x22
    comment = dialect.comment?.asciiValue ?? delimiter
    skippedLines = dialect.skippedLines
    words = CSVWords(dialect)
  }

  /// Passes over the mark that some programs put before the first byte.
  private mutating func begin() throws(DataFileError) {
    try refill()
    if buffer[..<end].starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if buffer[..<end].starts(with: [0xFF, 0xFE]) || buffer[..<end].starts(with: [0xFE, 0xFF]) {
      throw DataFileError(path, line: 1, column: 1, found: "UTF-16", expected: "text in UTF-8")
    }
    for _ in 0..<skippedLines { try skipLine() }
  }

  /// Passes over a line, whatever it holds.
  private mutating func skipLine() throws(DataFileError) {
    var i = position
    while true {
      while i < end, buffer[i] != 0x0A, buffer[i] != 0x0D { i += 1 }
      // A carriage return may have its line feed behind it.
      if i < end, buffer[i] == 0x0A || i + 1 < end || isAtEnd { break }
      if isAtEnd {
        throw DataFileError(
          path, line: nextLine, found: "the end of the file", expected: "a table behind \(skippedLines) lines",
          hint: "skip_rows says how many lines stand before it")
      }
      let done = i - position
      try refill()
      i = position + done
    }
    position = i + (buffer[i] == 0x0D && i + 1 < end && buffer[i + 1] == 0x0A ? 2 : 1)
    nextLine += 1
  }

  /// SHA-256 of what has been read, unpacked.
  package mutating func contentDigest() -> String { stream.contentDigest() }

  /// Goes to the next row that is not blank.
  ///
  /// - Returns: false after the last.
  package mutating func next() throws(DataFileError) -> Bool {
    if line == 0 { try begin() }
    while true {
      line = nextLine
      rowStart = position
      switch scan() {
      case .row: return true
      case .blank: continue
      case .end: return false
      case .incomplete: try refill()
      case .wrong(let at, let found, let expected):
        let isDelimiter = Self.isDelimiter(buffer[at]) && buffer[at] != delimiter
        var error = DataFileError(
          path, found: found, expected: expected, hint: isDelimiter ? Self.hint(delimiter: buffer[at]) : nil)
        (error.line, error.column) = place(at)
        throw error
      }
    }
  }

  private enum Scan {
    case row, blank, end, incomplete
    case wrong(Int, String, String)
  }

  private mutating func scan() -> Scan {
    cells.removeAll(keepingCapacity: true)
    var (i, newlines) = (position, 0)
    while true {
      var cell = Cell(start: i, end: i)
      if let opening = openingQuote(from: i) {
        (cell.start, cell.end) = (opening, opening)
        switch quoted(&cell, &newlines) {
        case nil: i = cell.end + 1
        case let other?: return other
        }
        // What may follow: blanks, then the end of the cell.
        let behind = i
        while i < end, buffer[i] == 0x20 || buffer[i] == 0x09, buffer[i] != delimiter { i += 1 }
        if i < end, buffer[i] != delimiter, buffer[i] != 0x0A, buffer[i] != 0x0D, buffer[i] != comment {
          return .wrong(
            buffer[behind] == 0x09 ? behind : i, "text after a closing quote", "a delimiter or the end of the line")
        }
      } else {
        i = unquotedEnd(from: i)
        cell.end = i
      }
      if i == end {
        if !isAtEnd { return .incomplete }
        if cells.isEmpty && !cell.isQuoted && isBlank(cell) { return .end }
        cells.append(cell)
        position = end
        return .row
      }
      if buffer[i] == delimiter {
        cells.append(cell)
        i += 1
        continue
      }
      if buffer[i] == comment {
        while i < end, buffer[i] != 0x0A, buffer[i] != 0x0D { i += 1 }
        if i == end {
          if !isAtEnd { return .incomplete }
          position = end
          if cells.isEmpty && !cell.isQuoted && isBlank(cell) { return .end }
          cells.append(cell)
          return .row
        }
      }
      let byte = buffer[i]
      if byte == 0 { return .wrong(i, "a zero byte", "text") }
      // A carriage return at the end of what is there may have its line feed behind it.
      if byte == 0x0D, i + 1 == end, !isAtEnd { return .incomplete }
      position = i + (byte == 0x0D && i + 1 < end && buffer[i + 1] == 0x0A ? 2 : 1)
      nextLine = line + newlines + 1
      if cells.isEmpty && !cell.isQuoted && isBlank(cell) { return .blank }
      cells.append(cell)
      return .row
    }
  }

  /// Where a cell that begins at `start` has its opening quote, behind blanks, which are no part of it; nil for a cell
  /// without quotes.
  @inline(__always)
  private func openingQuote(from start: Int) -> Int? {
    let bytes = buffer.span
    var i = start
    while i < end {
      let byte = bytes[i]
      if byte == quote { return i }
      if byte != 0x20 && byte != 0x09 || byte == delimiter { return nil }
      i += 1
    }
    return nil
  }

  /// The first delimiter, line end, comment or zero byte from `start` on.
  @inline(__always)
  private func unquotedEnd(from start: Int) -> Int {
    comment == delimiter ? firstEnd(from: start) { _ in false } : firstEnd(from: start) { $0 == comment }
  }

  @inline(__always)
  private func firstEnd(from start: Int, isComment: (UInt8) -> Bool) -> Int {
    let (bytes, delimiter) = (buffer.span, delimiter)
    var i = start
    while i < end {
      let byte = bytes[i]
      if byte == delimiter || byte <= 0x0D && (byte == 0x0A || byte == 0x0D || byte == 0) || isComment(byte) { break }
      i += 1
    }
    return i
  }

  /// Takes a cell in quotes; its `end` is that of its closing quote.
  private func quoted(_ cell: inout Cell, _ newlines: inout Int) -> Scan? {
    cell.isQuoted = true
    cell.start += 1
    var i = cell.start
    while i < end {
      switch buffer[i] {
      case quote:
        // It may be the first of two.
        if i + 1 == end, !isAtEnd { return .incomplete }
        if i + 1 < end, buffer[i + 1] == quote {
          cell.isEscaped = true
          i += 1
        } else {
          cell.end = i
          return nil
        }
      case 0x0A: newlines += 1
      case 0: return .wrong(i, "a zero byte", "text")
      default: break
      }
      i += 1
    }
    return isAtEnd ? .wrong(cell.start - 1, "a quote that does not end", "a closing quote") : .incomplete
  }

  private func isBlank(_ cell: Cell) -> Bool {
    (cell.start..<cell.end).allSatisfy { buffer[$0] == 0x20 || buffer[$0] == 0x09 }
  }

  /// Keeps the row that is begun and reads on behind it.
  private mutating func refill() throws(DataFileError) {
    if position > 0 {
      buffer.replaceSubrange(0..<end - position, with: Array(buffer[position..<end]))
      (end, position, rowStart) = (end - position, 0, 0)
    }
    if end == buffer.count {
      guard end < Self.longestLine else {
        throw DataFileError(
          path, line: line, column: 1, found: "a line of more than \(Self.longestLine >> 20) MiB",
          expected: "a shorter one",
          hint: "is a quote not closed?")
      }
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    let count = try stream.read(into: &buffer, from: end)
    if count == 0 { isAtEnd = true }
    end += count
  }

  /// Line and column, both from 1, of byte `at` of the last row.
  package func place(_ at: Int) -> (line: Int, column: Int) {
    var (line, start) = (line, rowStart)
    for i in rowStart..<max(rowStart, at) where buffer[i] == 0x0A { (line, start) = (line + 1, i + 1) }
    return (line, at - start + 1)
  }
}
