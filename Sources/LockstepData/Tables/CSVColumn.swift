import LockstepFormats

/// What the cells of a column of features are, which all of them decide: all numbers, or none of them. A column that
/// holds both is an error that shows the cell which is out of place, because whatever it were taken for, hundreds of
/// inputs or a hole, nobody meant it.
struct CSVColumn {
  /// A cell that may be out of place.
  struct Cell {
    var line: Int
    var column: Int
    var text: [UInt8]
  }

  /// Different words that are counted beside numbers, at most: enough to tell a few odd ones from a column of text.
  static let mostCounted = 1000

  /// Whether it is to be found out what it holds.
  let isOpen: Bool
  private(set) var names: CSVNames
  private var firstNumber: Cell?
  private var firstWord: Cell?
  /// The first number in another notation.
  private var firstForeign: Cell?
  private var words = NameTable()
  /// Words that look like numbers in another notation.
  private var foreignWords = 0
  private var wordCells = 0
  /// Different numbers in a column that began with a word.
  private var numbers = 0

  init(isOpen: Bool, known: [String]? = nil) {
    self.isOpen = isOpen
    names = CSVNames(known: known)
  }

  /// Whether it holds both numbers and words, and nothing of it will be used.
  var isMixed: Bool { firstNumber != nil && firstWord != nil }

  /// The number of the category in a cell; nil where numbers and words are mixed.
  mutating func category(_ reader: borrowing CSVReader, _ column: Int) -> CSVNames.Number? {
    guard isOpen else { return names.number(of: reader, column) }
    if isMixed {
      count(reader, column)
      return nil
    }
    let known = names.written.names.count
    let number = names.number(of: reader, column)
    if names.written.names.count > known {
      see(reader, column)
      if isMixed { return nil }
    }
    return number
  }

  /// Takes note of a cell that is no number in a column that began with one.
  mutating func note(word column: Int, in reader: borrowing CSVReader) { see(reader, column) }

  /// Takes note of the first number of a column.
  mutating func note(number column: Int, in reader: borrowing CSVReader) {
    if firstNumber == nil { firstNumber = cell(column, in: reader) }
  }

  private mutating func see(_ reader: borrowing CSVReader, _ column: Int) {
    if reader.number(column, as: Double.self) != nil {
      if firstNumber == nil { firstNumber = cell(column, in: reader) }
      numbers += 1
      return
    }
    let bytes = reader.bytes(column)
    if firstWord == nil { firstWord = cell(column, in: reader) }
    wordCells += 1
    let known = words.names.count
    if known < Self.mostCounted { _ = words.number(of: bytes[...]) }
    guard words.names.count > known, ForeignNumber.isOne(bytes) else { return }
    foreignWords += 1
    if firstForeign == nil { firstForeign = cell(column, in: reader) }
  }

  private mutating func count(_ reader: borrowing CSVReader, _ column: Int) {
    if numbers < Self.mostCounted || words.names.count < Self.mostCounted { see(reader, column) }
  }

  private func cell(_ column: Int, in reader: borrowing CSVReader) -> Cell {
    let place = reader.place(reader.cells[column].start)
    return Cell(line: place.line, column: place.column, text: reader.bytes(column))
  }

  /// Throws where the column cannot be read as what it looks like.
  ///
  /// - Parameters:
  ///   - title: what messages call it.
  ///   - beganWithNumber: whether its first cell was a number; all others that are no words are then numbers too.
  ///   - cells: all that are not missing.
  func check(_ path: String, _ title: String, beganWithNumber: Bool, cells: Int) throws(DataFileError) {
    guard isOpen else { return }
    if let number = firstNumber, let word = firstWord {
      let others = beganWithNumber ? cells - wordCells : numbers
      // A few odd words among numbers, or a few numbers among words: the fewer are out of place. Numbers written
      // another way always are.
      let isWordOdd = firstForeign != nil || words.names.count <= others
      let odd = isWordOdd ? word : number
      let text = String(decoding: odd.text, as: UTF8.self)
      throw DataFileError(
        path, line: odd.line, column: odd.column, place: title,
        found: isWordOdd ? Display.quoted(text) : "the number \(Display.plain(text)) among words",
        expected: isWordOdd ? "a number, as other cells of the column are" : "a word, as other cells of the column are",
        hint: ForeignNumber.remedy(isWordOdd ? text : ""))
    }
    // A few such words among others are words.
    if let foreign = firstForeign, foreignWords * 2 >= words.names.count {
      let text = String(decoding: foreign.text, as: UTF8.self)
      throw DataFileError(
        path, line: foreign.line, column: foreign.column, place: title,
        found: "\(Display.quoted(text)), which looks like a number written another way",
        expected: "a number, or a word",
        hint: ForeignNumber.remedy(text))
    }
  }
}
