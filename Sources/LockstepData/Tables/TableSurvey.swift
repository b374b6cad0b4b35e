import LockstepFormats

/// What every column of a table holds, found by one look at all cells, for whoever has yet to decide what to do with
/// it.
package struct TableSurvey: Sendable {
  /// One column.
  package struct Column: Sendable {
    /// From the header; nil where there is none.
    package let name: String?
    /// Cells that hold nothing.
    package fileprivate(set) var missing = 0
    /// Cells that are numbers.
    package fileprivate(set) var numbers = 0
    /// All other cells.
    package fileprivate(set) var words = 0
    /// Of the numbers; nil where there is none.
    package fileprivate(set) var range: ClosedRange<Double>?
    /// Whether all numbers are whole.
    package fileprivate(set) var isWhole = true
    /// Whether every number is that of the row before and one.
    package fileprivate(set) var countsUp = true
    /// Words that look like a day or a time.
    package fileprivate(set) var dates = 0
    /// Words that look like numbers written another way.
    package fileprivate(set) var foreign = 0
    /// A word that looks so.
    package fileprivate(set) var foreignExample: String?
    /// Different values, in the order in which they were met, at most `most`.
    package fileprivate(set) var values: [(text: String, rows: Int)] = []
    /// Whether there are more different values than that.
    package fileprivate(set) var hasMore = false
    fileprivate var table = NameTable(most: Self.most)
    fileprivate var last: Double?

    /// More different values are not counted.
    package static let most = 4096

    /// Cells that hold something.
    package var cells: Int { numbers + words }
    /// Whether all cells that hold something are numbers.
    package var isNumber: Bool { numbers > 0 && words == 0 }
    /// Whether it holds words, of which its name is none.
    fileprivate var isNamed: Bool {
      words > 0 && !hasMore && name.map { name in !values.contains { $0.text == name } } == true
    }
    /// Whether no two cells hold the same, as far as values are counted.
    package var isUnique: Bool { cells > 1 && values.allSatisfy { $0.rows == 1 } }

    fileprivate init(name: String?) { self.name = name }
  }

  /// How it is read: delimiter, decimal point and header as they were found.
  package let source: CSVSource
  package let rows: Int
  package let columns: [Column]

  /// Reads a table without being told how it is written: the delimiter is that by which all rows are of one length, the
  /// first row holds names unless all columns of numbers begin with one there.
  ///
  /// - Parameter target: a column that shall be learned; a word of the first row tells that it holds names.
  /// - Throws: `DataFileError` where it cannot be read, or has no row.
  package init(path: String, target: String? = nil) throws(DataFileError) {
    var source = CSVSource(path: path, targets: [])
    source.dialect.delimiter = try Self.delimiter(of: path)
    var survey = try TableSurvey(source)
    if survey.writesDecimalCommas, source.dialect.delimiter != "," {
      source.dialect.decimal = ","
      survey = try TableSurvey(source)
    } else if survey.writesThousands {
      source.dialect.thousands = ","
      survey = try TableSurvey(source)
    }
    if survey.lacksHeader(target) {
      source.hasHeader = false
      survey = try TableSurvey(source)
    } else {
      // Names that training would refuse are refused here.
      var reader = try CSVReader(path, source.dialect)
      if try reader.next() { _ = try CSVDecoder.header(reader) }
    }
    self = survey
  }

  private init(_ source: CSVSource) throws(DataFileError) {
    var reader = try CSVReader(source.path, source.dialect)
    guard try reader.next() else {
      throw DataFileError(source.path, found: "a table without a row", expected: "at least one sample")
    }
    let firstLine = reader.line
    var columns: [Column] = []
    for index in reader.cells.indices {
      let name = source.hasHeader ? String(validating: reader.bytes(index), as: UTF8.self) : nil
      if source.hasHeader, name == nil {
        throw reader.wrong(index, "header", found: "bytes that are not UTF-8", "a name in UTF-8")
      }
      columns.append(Column(name: name))
    }
    var rows = 0
    let hasRow = source.hasHeader ? try reader.next() : true
    if hasRow {
      repeat {
        guard reader.cells.count == columns.count else {
          throw DataFileError(
            source.path, line: reader.line, found: "\(reader.cells.count) \(Format.plural(reader.cells.count, "cell"))",
            expected: "\(columns.count), as in line \(firstLine)")
        }
        for index in columns.indices { columns[index].look(at: reader, index) }
        rows += 1
      } while try reader.next()
    }
    guard rows > 0 else {
      throw DataFileError(source.path, found: "a header and no row", expected: "at least one sample")
    }
    (self.source, self.rows, self.columns) = (source, rows, columns)
  }

  /// The delimiter that cuts the first rows into the most cells, as many in each; a comma where none does.
  private static func delimiter(of path: String) throws(DataFileError) -> Character {
    var best: (delimiter: Character, cells: Int) = (",", 1)
    for candidate: Character in [",", ";", "\t", "|"] {
      var reader = try CSVReader(path, CSVDialect(delimiter: candidate))
      var (cells, rows) = (0, 0)
      while rows < 50, (try? reader.next()) == true, rows == 0 || reader.cells.count == cells {
        cells = reader.cells.count
        rows += 1
      }
      let isWhole = rows == 50 || (try? reader.next()) == false
      if isWhole, cells > best.cells { best = (candidate, cells) }
    }
    return best.delimiter
  }

  /// Whether the first row, taken for names, is one of numbers where numbers stand below.
  private func lacksHeader(_ target: String?) -> Bool {
    let names = columns.filter(\.isNumber).compactMap(\.name)
    if names.isEmpty || !names.allSatisfy({ Double($0) != nil }) || Self.isYears(names) { return false }
    if let target, Double(target) == nil, columns.contains(where: { $0.name == target }) { return false }
    // Four that count are no row; of fewer, a word says so that does not stand below it.
    return !Self.counts(names) || names.count < 4 && !columns.contains(where: \.isNamed)
  }

  /// Whether these may be names although they are numbers: years, or the columns' own numbers, which is how tables are
  /// written whose columns have no names.
  static func mayBeNames(_ numbers: [String]) -> Bool { isYears(numbers) || counts(numbers) && numbers.count >= 4 }

  private static func isYears(_ names: [String]) -> Bool {
    names.allSatisfy { Int($0).map { (1900...2100).contains($0) } ?? false } && Set(names).count == names.count
  }

  private static func counts(_ names: [String]) -> Bool {
    let numbers = names.compactMap { Int($0) }
    guard numbers.count == names.count, let first = numbers.first, first == 0 || first == 1 else { return false }
    return numbers == Array(first..<first + names.count)
  }

  private var writesDecimalCommas: Bool {
    columns.contains {
      $0.words > 0 && $0.foreign == $0.words
        && $0.values.allSatisfy { Self.isDecimalComma($0.text) || Double($0.text) != nil }
    }
  }

  private var writesThousands: Bool {
    columns.contains {
      $0.words > 0 && $0.foreign == $0.words
        && $0.values.allSatisfy { Self.isGrouped($0.text) || Double($0.text) != nil }
    }
  }

  private static func isDecimalComma(_ text: String) -> Bool {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    return parts.count == 2 && Double("\(parts[0]).\(parts[1])") != nil
  }

  private static func isGrouped(_ text: String) -> Bool {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    return parts.count > 1 && parts.dropFirst().allSatisfy { $0.prefix { $0.isNumber }.count == 3 }
      && Double(parts.joined()) != nil
  }

  /// Columns that say what a target says, each value of theirs one of the target's: copies, codes and scalings of it.
  ///
  /// - Parameter isClass: whether the target is a class, else a number.
  package func copies(of target: Int, isClass: Bool) throws(DataFileError) -> Set<Int> {
    var reader = try CSVReader(source.path, source.dialect)
    if source.hasHeader { _ = try reader.next() }
    var pairs = [Pairs](repeating: Pairs(), count: columns.count)
    var candidates = columns.indices.filter { index in
      index != target && columns[index].cells > 2
        && (isClass
          ? !columns[index].hasMore && columns[index].values.count == columns[target].values.count
          : columns[index].isNumber && columns[index].values.count > 2)
    }
    while try reader.next(), !candidates.isEmpty {
      guard !reader.isMissing(target) else { continue }
      candidates.removeAll { index in
        guard !reader.isMissing(index) else { return false }
        if isClass { return !pairs[index].add(reader.bytes(index), reader.bytes(target)) }
        guard let x = reader.number(index, as: Double.self), let y = reader.number(target, as: Double.self) else {
          return false
        }
        pairs[index].add(x, y)
        return false
      }
    }
    return Set(candidates.filter { isClass || pairs[$0].isLine })
  }

  /// Two columns side by side.
  private struct Pairs {
    private var forward: [[UInt8]: [UInt8]] = [:]
    private var backward: [[UInt8]: [UInt8]] = [:]
    private var count = 0.0
    private var (meanX, meanY, squaresX, squaresY, products) = (0.0, 0.0, 0.0, 0.0, 0.0)

    /// - Returns: whether each value still stands beside one other alone.
    mutating func add(_ a: [UInt8], _ b: [UInt8]) -> Bool {
      defer { (forward[a], backward[b]) = (b, a) }
      return (forward[a] ?? b) == b && (backward[b] ?? a) == a
    }

    mutating func add(_ x: Double, _ y: Double) {
      count += 1
      let (dx, dy) = (x - meanX, y - meanY)
      meanX += dx / count
      meanY += dy / count
      squaresX += dx * (x - meanX)
      squaresY += dy * (y - meanY)
      products += dx * (y - meanY)
    }

    /// Whether one is the other times a factor, moved.
    var isLine: Bool {
      let product = (squaresX * squaresY).squareRoot()
      return product > 0 && abs(products) >= product * (1 - 1e-9)
    }
  }
}

extension TableSurvey.Column {
  fileprivate mutating func look(at reader: borrowing CSVReader, _ index: Int) {
    if reader.isMissing(index) {
      missing += 1
      return
    }
    let bytes = reader.bytes(index)
    if let number = reader.number(index, as: Double.self) {
      numbers += 1
      range = range.map { min($0.lowerBound, number)...max($0.upperBound, number) } ?? number...number
      isWhole = isWhole && number.rounded() == number
      countsUp = countsUp && (last.map { number == $0 + 1 } ?? true)
      last = number
    } else {
      words += 1
      if ForeignNumber.isOne(bytes) {
        foreign += 1
        foreignExample = foreignExample ?? String(decoding: bytes, as: UTF8.self)
      }
      if Self.isDate(bytes) { dates += 1 }
    }
    count(bytes)
  }

  private mutating func count(_ bytes: [UInt8]) {
    guard let number = table.number(of: bytes[...]) else {
      hasMore = true
      return
    }
    if number == values.count { values.append((String(decoding: bytes, as: UTF8.self), 0)) }
    values[number].rows += 1
  }

  /// Whether a word looks like a day, a time or both: digits in groups, between them `-`, `/`, `.` or `:`, of which the
  /// same stands twice; or the name of a month beside digits.
  private static func isDate(_ bytes: [UInt8]) -> Bool {
    guard (6...40).contains(bytes.count), bytes.count(where: { (0x30...0x39).contains($0) }) >= 3 else { return false }
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    let isDigits = text.allSatisfy { $0.isNumber || "-/.: tz+,".contains($0) }
    if isDigits {
      return ["-", "/", ".", ":"].contains { mark in text.count { "\($0)" == mark } == 2 } || text.contains("t")
    }
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    let words = text.split { !$0.isLetter }
    return !words.isEmpty && words.count <= 3 && words.contains { word in months.contains { word.hasPrefix($0) } }
      && text.contains { $0.isNumber }
  }
}
