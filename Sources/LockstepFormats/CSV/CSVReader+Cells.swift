// What cells say.

extension CSVReader {
  /// The bytes of cell `index` that count: without the blanks around it, if it is not in quotes.
  @inline(__always)
  package func content(_ index: Int) -> Range<Int> {
    let cell = cells[index]
    return cell.isQuoted ? cell.start..<cell.end : withoutBlanks(cell.start..<cell.end)
  }

  @inline(__always)
  private func withoutBlanks(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, buffer[start] == 0x20 || buffer[start] == 0x09 { start += 1 }
    while end > start, buffer[end - 1] == 0x20 || buffer[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// The bytes of cell `index`, quotes written twice taken for one.
  package func bytes(_ index: Int) -> [UInt8] {
    let bytes = Array(buffer[content(index)])
    guard cells[index].isEscaped else { return bytes }
    var plain: [UInt8] = []
    var isSecond = false
    for byte in bytes {
      isSecond = byte == quote && !isSecond
      if !isSecond { plain.append(byte) }
    }
    return plain
  }

  /// The number in cell `index`; nil where it is none.
  @inline(__always)
  package func number<Value: DecimalValue>(_ index: Int, as: Value.Type = Value.self) -> Value? {
    if words.isPlain, !cells[index].isQuoted { return CSVNumber.parse(buffer.span, content(index)) }
    return unusualNumber(index)
  }

  /// A number in quotes, in which blanks around it do not count either, or in the words of the dialect.
  private func unusualNumber<Value: DecimalValue>(_ index: Int) -> Value? {
    let range = withoutBlanks(content(index))
    if words.isPlain { return CSVNumber.parse(buffer.span, range) }
    return words.plainNumber(Array(buffer[range])).flatMap { CSVNumber.parse($0.span, 0..<$0.count) }
  }

  /// Whether cell `index` holds nothing, or a word for nothing.
  package func isMissing(_ index: Int) -> Bool {
    let (range, cell) = (content(index), cells[index])
    if range.isEmpty { return true }
    if !cell.isEscaped { return words.mean(nothing: buffer, range, isQuoted: cell.isQuoted) }
    let bytes = bytes(index)
    return words.mean(nothing: bytes, 0..<bytes.count, isQuoted: true)
  }

  /// Whether cell `index` holds a word, or a number, that was named to stand for nothing: to be asked before it is
  /// taken for a number.
  @inline(__always)
  package func isNamedMissing(_ index: Int) -> Bool { words.hasNumbers && isMissing(index) }

  /// What to do where the last row looks separated by another delimiter, because it holds more of that.
  package var delimiterHint: String? {
    guard let first = cells.first, let last = cells.last else { return nil }
    let row = buffer[first.start..<max(first.start, last.end)]
    // Blanks stand in names, too.
    let candidates = Self.delimiters.filter { $0.byte != delimiter && ($0.byte != 0x20 || cells.count == 1) }
    let counts = candidates.map { candidate in (candidate.byte, row.count { $0 == candidate.byte }) }
    guard let most = counts.filter({ $0.1 >= cells.count }).max(by: { $0.1 < $1.1 }) else { return nil }
    return Self.hint(delimiter: most.0)
  }

  /// What tables are separated by.
  private static let delimiters: [(byte: UInt8, name: String)] = [
    (0x20, "space"), (0x2C, "\",\""), (0x7C, "\"|\""), (0x09, "tab"), (0x3B, "\";\""),
  ]

  static func isDelimiter(_ byte: UInt8) -> Bool { delimiters.contains { $0.byte == byte } }

  static func hint(delimiter byte: UInt8) -> String {
    let name = delimiters.first { $0.byte == byte }?.name ?? ""
    return "the table looks separated by another delimiter: delimiter: \(name)"
  }

  /// What is wrong with cell `index`, in the column called `column`.
  package func wrong(_ index: Int, _ column: String, found: String? = nil, _ expected: String, hint: String? = nil)
    -> DataFileError
  {
    let place = place(cells[index].start)
    let text = String(decoding: bytes(index), as: UTF8.self)
    return DataFileError(
      path, line: place.line, column: place.column, place: column,
      found: found ?? (text.isEmpty ? "an empty cell" : Display.quoted(text)), expected: expected, hint: hint)
  }
}
