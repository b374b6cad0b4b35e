import LockstepFormats

/// The names that a column holds, by number: of a file that is trained on in the order in which they are met, else as
/// the model numbers its labels.
struct CSVNames {
  /// As they are written, in the order in which they are met.
  private(set) var written: NameTable
  /// Where each was found first.
  private(set) var places: [(line: Int, column: Int)] = []
  /// The labels of a model; nil where the file is trained on.
  let known: Labels?
  /// By number among the written ones: that of the known label, −1 for none.
  private var labels: [Int32] = []

  init(known names: [String]? = nil, most: Int = NameTable.most) {
    known = names.map { Labels(named: $0) }
    written = NameTable(most: most)
  }

  enum Number {
    case label(Int)
    case unknown
    /// More different names than a column may hold.
    case tooMany
  }

  /// The number of the name in cell `column`.
  mutating func number(of reader: borrowing CSVReader, _ column: Int) -> Number {
    let count = written.names.count
    let found: Int?
    if reader.words.isPlain, !reader.cells[column].isEscaped {
      found = written.number(of: reader.buffer[reader.content(column)])
    } else {
      found = written.number(of: reader.label(column)[...])
    }
    guard let found else {
      // A file to be predicted may hold any number of names that are not known.
      return known == nil ? .tooMany : label(of: reader.label(column)).map { .label($0) } ?? .unknown
    }
    if found == count {
      places.append(reader.place(reader.cells[column].start))
      if known != nil { labels.append(Int32(label(of: written.names[found]) ?? -1)) }
    }
    if known == nil { return .label(found) }
    return labels[found] >= 0 ? .label(Int(labels[found])) : .unknown
  }

  private func label(of name: [UInt8]) -> Int? {
    String(validating: name, as: UTF8.self).flatMap { known?.place(of: $0) }
  }

  /// The names as text.
  func texts(_ path: String) throws(DataFileError) -> [String] {
    if let known { return known.names }
    var names: [String] = []
    for (bytes, place) in zip(written.names, places) {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw DataFileError(
          path, line: place.line, column: place.column,
          found: "the name \(Display.quoted(String(decoding: bytes, as: UTF8.self))), which is not UTF-8",
          expected: "text in UTF-8", hint: "iconv -f latin1 -t utf8 rewrites a file of Western Europe")
      }
      guard CombiningMarks.areFew(in: name) else {
        throw DataFileError(
          path, line: place.line, column: place.column,
          found:
            "the name \(Display.quoted(name)) with more than \(CombiningMarks.mostInARow) combining marks in a row",
          expected: "at most so many, as a checkpoint holds")
      }
      names.append(name)
    }
    return names
  }
}

extension CSVReader {
  /// What cell `index` is called as a label: a number as everybody writes it, everything else as it stands.
  func label(_ index: Int) -> [UInt8] {
    let bytes = bytes(index)
    guard !words.isPlain, let plain = words.plainNumber(bytes),
      CSVNumber.parse(plain.span, 0..<plain.count, as: Double.self) != nil
    else { return bytes }
    return plain
  }
}
