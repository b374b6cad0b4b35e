import LockstepTraining

/// Rows of a table as numbers: what makes features and targets of its cells.
struct CSVDecoder {
  private let path: String
  private(set) var layout: CSVLayout
  /// By feature: the names of its categories.
  private(set) var categories: [NameTable]
  /// By feature and category: where it was found first.
  private(set) var places: [[(line: Int, column: Int)]]
  private(set) var classes: NameTable
  private let kind: TargetKind?
  private let allowsMissing: Bool
  private let names: [String]?
  private let columns: Int

  /// The reader must stand before the first row: the header is taken, if there is one.
  init(
    _ reader: inout CSVReader, _ source: CSVSource, targets kind: TargetKind?, known: Preprocessing?,
    allowsMissing: Bool, isWeighted: Bool = false
  ) throws(DataFileError) {
    guard try reader.next() else {
      throw DataFileError(source.path, found: "a table without a row", expected: "at least one sample")
    }
    var names: [String]?
    if source.hasHeader {
      names = try Self.header(reader)
      guard try reader.next() else {
        throw DataFileError(source.path, found: "a header and no row", expected: "at least one sample")
      }
    }
    columns = names?.count ?? reader.cells.count
    guard columns <= SyntheticSpecification.maximumFeatures else {
      throw DataFileError(
        source.path, line: 1, found: "\(columns) columns", expected: "at most \(SyntheticSpecification.maximumFeatures)"
      )
    }
    let columns = CSVLayout.Columns(path: source.path, count: columns, names: names)
    layout =
      if let known {
        try CSVLayout(known: known, source: source, columns: columns, needsTargets: kind != nil, isWeighted: isWeighted)
      } else {
        try CSVLayout(training: source, columns: columns)
      }
    if kind == .classes, layout.targets > 1 {
      throw DataFileError(source.path, place: "target", found: "\(layout.targets) targets", expected: "one, the class")
    }
    path = source.path
    categories =
      known?.columns.map { NameTable(only: $0.categories ?? []) }
      ?? Array(repeating: NameTable(), count: layout.features)
    places = Array(repeating: [], count: layout.features)
    classes = if case .classes(let names)? = known?.targets { NameTable(only: names) } else { NameTable() }
    (self.kind, self.allowsMissing, self.names) = (kind, allowsMissing, names)
  }

  var width: Int { layout.features + (kind == nil ? 0 : layout.targets) + (layout.isWeighted ? 1 : 0) }

  /// The row at which `reader` stands as numbers: features, then targets, then the weight.
  mutating func decode(_ reader: borrowing CSVReader, into row: inout [Float]) throws(DataFileError) {
    guard reader.cells.count == columns else {
      throw DataFileError(
        path, line: reader.line, found: "\(reader.cells.count) cells", expected: "\(columns), as in line 1",
        hint: reader.cells.count == 1 ? "is the delimiter another?" : nil)
    }
    let features = layout.features
    for (column, role) in layout.roles.enumerated() {
      switch role {
      case .ignored: break
      case .number(let slot): row[slot] = try number(reader, column)
      case .category(let slot): row[slot] = try category(reader, column, slot)
      case .undecided(let slot):
        let isMissing = reader.isMissing(column)
        if !isMissing { layout.roles[column] = reader.number(column) == nil ? .category(slot) : .number(slot) }
        row[slot] =
          try !isMissing && reader.number(column) == nil ? category(reader, column, slot) : number(reader, column)
      case .target(let place):
        switch kind {
        case .numbers: row[features + place] = try number(reader, column, isTarget: true)
        case .classes: row[features + place] = try classNumber(reader, column)
        case nil: break
        }
      case .weight: row[row.count - 1] = try weight(reader, column)
      }
    }
  }

  @inline(__always)
  private func number(_ reader: borrowing CSVReader, _ column: Int, isTarget: Bool = false) throws(DataFileError)
    -> Float
  {
    if let value = reader.number(column), value.isFinite { return value }
    return try unusual(reader, column, isTarget)
  }

  /// A cell that is no finite number.
  private func unusual(_ reader: borrowing CSVReader, _ column: Int, _ isTarget: Bool) throws(DataFileError) -> Float {
    if reader.isMissing(column) {
      if allowsMissing && !isTarget { return .nan }
      throw reader.wrong(
        column, title(column), "a number", hint: isTarget ? nil : "missing: mean puts the column's mean there")
    }
    if reader.number(column) != nil { throw reader.wrong(column, title(column), "a number that float32 holds") }
    let hint =
      isTarget ? "for classes take softmax_cross_entropy" : "list the column under categorical, if it holds categories"
    throw reader.wrong(column, title(column), "a number", hint: hint)
  }

  private func weight(_ reader: borrowing CSVReader, _ column: Int) throws(DataFileError) -> Float {
    if let value = reader.number(column), value.isFinite, value >= 0 { return value }
    throw reader.wrong(column, title(column), "a weight, a finite number of at least 0")
  }

  private mutating func category(_ reader: borrowing CSVReader, _ column: Int, _ slot: Int) throws(DataFileError)
    -> Float
  {
    if reader.isMissing(column) {
      if allowsMissing { return .nan }
      throw reader.wrong(column, title(column), "a category", hint: "missing: mean lets it be none of them")
    }
    let known = categories[slot].names.count
    if let number = Self.number(of: reader, column, &categories[slot]) {
      if number == known { places[slot].append(reader.place(reader.cells[column].start)) }
      return Float(number)
    }
    throw unknown(reader, column, categories[slot], "category")
  }

  private mutating func classNumber(_ reader: borrowing CSVReader, _ column: Int) throws(DataFileError) -> Float {
    if reader.isMissing(column) { throw reader.wrong(column, title(column), "a class") }
    if let number = Self.number(of: reader, column, &classes) { return Float(number) }
    throw unknown(reader, column, classes, "class")
  }

  /// Not of an instance: that would copy the tables of names for every cell.
  private static func number(of reader: borrowing CSVReader, _ column: Int, _ table: inout NameTable) -> Int? {
    reader.cells[column].isEscaped
      ? table.number(of: reader.bytes(column)[...]) : table.number(of: reader.buffer[reader.content(column)])
  }

  private func unknown(
    _ reader: borrowing CSVReader, _ column: Int, _ table: NameTable, _ what: String
  ) -> DataFileError {
    if table.grows {
      return reader.wrong(
        column, title(column), found: "more than \(NameTable.most) different values",
        "at most so many of a \(what)", hint: "does it hold identifiers? ignore: [\(names?[column] ?? "\(column)")]")
    }
    let names = table.names.map { String(decoding: $0, as: UTF8.self) }
    let text = String(decoding: reader.bytes(column), as: UTF8.self)
    return reader.wrong(
      column, title(column), found: "the \(what) \(Display.quoted(text))", "one of \(Preprocessing.list(names))",
      hint: NearestName.hint(for: text, among: names))
  }

  private func title(_ column: Int) -> String {
    names.map { "column \(Display.quoted($0[column]))" } ?? "column \(column)"
  }

  private static func header(_ reader: borrowing CSVReader) throws(DataFileError) -> [String] {
    var names: [String] = []
    var seen: Set<String> = []
    for index in reader.cells.indices {
      guard let name = String(validating: reader.bytes(index), as: UTF8.self) else {
        throw reader.wrong(index, "header", found: "bytes that are not UTF-8", "a name in UTF-8")
      }
      guard seen.insert(name).inserted else {
        throw reader.wrong(
          index, "header", found: "the column \(Display.quoted(name)) twice", "every name once",
          hint: reader.number(index) == nil ? nil : "is there no header? header: false")
      }
      names.append(name)
    }
    return names
  }
}
