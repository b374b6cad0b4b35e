import LockstepFormats
import LockstepKernels

/// Rows of a table as numbers: what makes features and targets of its cells.
package struct CSVDecoder {
  private let path: String
  private(set) var layout: CSVLayout
  /// Of the features, in order.
  private(set) var columns: [CSVColumn]
  private(set) var classes: CSVNames
  /// A group may have a few samples each: as many as float32 numbers.
  private(set) var groups = CSVNames(most: 1 << 24)
  private let rules: SampleRules
  private let kind: TargetKind?
  package let names: [String]?
  private let width: Int
  let firstLine: Int
  /// Numbers of a row: features, targets, the weight, the group.
  package let numbers: Int
  let features: Int
  /// Where a row has its targets.
  let targets: Range<Int>
  /// Cells of each feature that were missing.
  private(set) var missing: [Int]
  package var missingCells: Int { missing.reduce(0, +) }
  private(set) var watch: CSVWatch
  /// Rows that were read, those left out among them.
  private(set) var rows = 0
  /// Rows that were left out because their target is missing.
  private(set) var dropped = 0
  /// Rows with a category that the model does not know.
  package private(set) var unknown = UnknownCategories()

  /// The reader must stand before the first row: the header is taken, if there is one.
  package init(_ reader: inout CSVReader, _ source: CSVSource, _ rules: SampleRules) throws(DataFileError) {
    guard try reader.next() else {
      throw DataFileError(source.path, found: "a table without a row", expected: "at least one sample")
    }
    // Once read on, the first row is gone.
    let delimiterHint = reader.delimiterHint
    firstLine = reader.line
    var names: [String]?
    if source.hasHeader {
      names = try Self.header(reader)
      guard try reader.next() else {
        throw DataFileError(source.path, found: "a header and no row", expected: "at least one sample")
      }
    }
    width = names?.count ?? reader.cells.count
    guard width <= SyntheticSpecification.maximumFeatures else {
      throw DataFileError(
        source.path, line: 1, found: "\(width) columns", expected: "at most \(SyntheticSpecification.maximumFeatures)")
    }
    let columns = CSVLayout.Columns(path: source.path, count: width, names: names, delimiterHint: delimiterHint)
    let known = rules.known
    layout =
      if let known {
        try CSVLayout(known: known, source: source, columns: columns, rules)
      } else {
        try CSVLayout(training: source, columns: columns, rules)
      }
    path = source.path
    kind = try rules.kind?.resolved(columns: layout.targets, source.path)
    features = layout.features
    targets = features..<features + (kind == nil ? 0 : layout.targets)
    numbers = targets.upperBound + (layout.isWeighted ? 1 : 0) + (layout.isGrouped ? 1 : 0)
    let isOpen = layout.roles.reduce(into: Array(repeating: false, count: layout.features)) { open, role in
      if case .undecided(let slot) = role { open[slot] = true }
    }
    self.columns = isOpen.indices.map { CSVColumn(isOpen: isOpen[$0], known: known?.columns[$0].categories) }
    if case .classes(let names)? = known?.targets { classes = CSVNames(known: names) } else { classes = CSVNames() }
    (self.rules, self.names) = (rules, names)
    missing = Array(repeating: 0, count: layout.features)
    watch = CSVWatch(columns: layout.features + layout.targets)
  }

  /// The row at which `reader` stands as numbers.
  ///
  /// - Returns: false where the row is left out, because its target is missing.
  package mutating func decode(_ reader: borrowing CSVReader, into row: inout MutableSpan<Double>) throws(DataFileError)
    -> Bool
  {
    guard reader.cells.count == width else {
      throw DataFileError(
        path, line: reader.line, found: "\(reader.cells.count) \(reader.cells.count == 1 ? "cell" : "cells")",
        expected: "\(width), as in line \(firstLine)",
        hint: reader.delimiterHint
          ?? (reader.cells.count > width && reader.words.isPlain
            ? "a cell that holds the delimiter stands in quotes"
            : reader.cells.count == 1 ? "is the delimiter another?" : nil))
    }
    rows += 1
    if rules.dropsMissingTargets, kind != nil, lacksTarget(reader) {
      dropped += 1
      return false
    }
    for column in layout.roles.indices {
      switch layout.roles[column] {
      case .ignored: break
      case .number(let slot): row[slot] = try number(reader, column, slot)
      case .category(let slot): row[slot] = try category(reader, column, slot)
      case .undecided(let slot):
        if !reader.isMissing(column) {
          layout.roles[column] = reader.number(column, as: Double.self) == nil ? .category(slot) : .number(slot)
          if case .number = layout.roles[column] { columns[slot].note(number: column, in: reader) }
        }
        switch layout.roles[column] {
        case .category: row[slot] = try category(reader, column, slot)
        default: row[slot] = try number(reader, column, slot)
        }
      case .target(let place): row[features + place] = try target(reader, column)
      case .weight: row[targets.upperBound] = try weight(reader, column)
      case .group: row[numbers - 1] = try group(reader, column)
      }
    }
    if rows <= watch.rows { watch.look(at: reader, layout, kind) }
    return true
  }

  /// Decides what every column holds, once all rows have been decoded.
  mutating func conclude() throws(DataFileError) {
    for column in layout.roles.indices {
      switch layout.roles[column] {
      case .number(let slot), .category(let slot):
        var beganWithNumber = false
        if case .number = layout.roles[column] { beganWithNumber = true }
        try columns[slot].check(
          path, title(column), beganWithNumber: beganWithNumber, cells: rows - dropped - missing[slot])
      // Nothing but gaps.
      case .undecided(let slot): layout.roles[column] = .number(slot)
      default: break
      }
    }
  }

  private func lacksTarget(_ reader: borrowing CSVReader) -> Bool {
    for column in layout.roles.indices {
      if case .target = layout.roles[column], reader.isMissing(column) { return true }
    }
    return false
  }

  // MARK: Numbers

  @inline(__always)
  private mutating func number(_ reader: borrowing CSVReader, _ column: Int, _ slot: Int) throws(DataFileError)
    -> Double
  {
    if let value = value(reader, column), value.isFinite, !reader.isNamedMissing(column) { return value }
    return try unusual(reader, column, slot)
  }

  /// Rounded to float32 where nothing more is computed with it.
  @inline(__always)
  private func value(_ reader: borrowing CSVReader, _ column: Int) -> Double? {
    rules.isPrecise ? reader.number(column, as: Double.self) : reader.number(column, as: Float.self).map { Double($0) }
  }

  /// A cell of a feature that is no finite number.
  private mutating func unusual(
    _ reader: borrowing CSVReader, _ column: Int, _ slot: Int
  ) throws(DataFileError) -> Double {
    if reader.isMissing(column) {
      missing[slot] += 1
      if rules.fillsMissing { return .nan }
      throw reader.wrong(column, title(column), "a number", hint: rules.missingHint("puts the column's mean there"))
    }
    if value(reader, column) != nil { throw tooLarge(reader, column) }
    guard columns[slot].isOpen else {
      let isForeign = ForeignNumber.isOne(reader.bytes(column))
      throw reader.wrong(
        column, title(column), "a number",
        hint: isForeign ? "it looks like one written another way: csv: {…, decimal: …, thousands: …} says how" : nil)
    }
    columns[slot].note(word: column, in: reader)
    return .nan
  }

  private func tooLarge(_ reader: borrowing CSVReader, _ column: Int) -> DataFileError {
    reader.wrong(column, title(column), "a number that float\(rules.isPrecise ? 64 : 32) holds")
  }

  private func weight(_ reader: borrowing CSVReader, _ column: Int) throws(DataFileError) -> Double {
    if let value = reader.number(column, as: Float.self), value.isFinite, value >= 0 { return Double(value) }
    throw reader.wrong(column, title(column), "a weight, a finite number of at least 0")
  }

  // MARK: Names

  private mutating func category(
    _ reader: borrowing CSVReader, _ column: Int, _ slot: Int
  ) throws(DataFileError) -> Double {
    if reader.isMissing(column) {
      missing[slot] += 1
      if rules.fillsMissing { return .nan }
      throw reader.wrong(column, title(column), "a category", hint: rules.missingHint("lets it be none of them"))
    }
    switch columns[slot].category(reader, column) {
    case .label(let number)?: return Double(number)
    // It will be an error.
    case nil: return .nan
    case .tooMany?: throw tooMany(reader, column, "category")
    case .unknown?:
      unknown.add(row: rows, title(column), String(decoding: reader.bytes(column), as: UTF8.self))
      if rules.ignoresUnknown { return SampleTable.unknownCategory }
      throw isUnknown(reader, column, columns[slot].names, "category", hint: rules.unknownHint)
    }
  }

  private mutating func target(_ reader: borrowing CSVReader, _ column: Int) throws(DataFileError) -> Double {
    let isMissing = reader.isMissing(column)
    switch kind {
    case nil: return 0
    case .numbers?, .binary?:
      if let value = value(reader, column), value.isFinite, !isMissing { return value }
      if !isMissing, value(reader, column) != nil { throw tooLarge(reader, column) }
      let hint = isMissing ? SampleRules.targetHint : "for classes take softmax_cross_entropy"
      throw reader.wrong(column, title(column), "a number", hint: hint)
    case .labels?:
      if !isMissing, let value = reader.number(column, as: Double.self), value == 0 || value == 1 { return value }
      if let truth = Labels.boolean(String(decoding: reader.bytes(column), as: UTF8.self)) { return truth ? 1 : 0 }
      throw reader.wrong(
        column, title(column), "0, 1, true or false, as every label of several is",
        hint: isMissing ? SampleRules.targetHint : nil)
    case .classes?:
      if isMissing {
        throw reader.wrong(
          column, title(column), "a class",
          hint: reader.content(column).isEmpty
            ? SampleRules.targetHint
            : "is it a name? missing_values: [] takes it for one; else \(SampleRules.targetHint)")
      }
      switch classes.number(of: reader, column) {
      case .label(let number): return Double(number)
      case .tooMany: throw tooMany(reader, column, "class")
      case .unknown: throw isUnknown(reader, column, classes, "class", hint: nil)
      }
    }
  }

  private mutating func group(_ reader: borrowing CSVReader, _ column: Int) throws(DataFileError) -> Double {
    if reader.isMissing(column) { throw reader.wrong(column, title(column), "the name of a group") }
    if case .label(let number) = groups.number(of: reader, column) { return Double(number) }
    throw reader.wrong(
      column, title(column), found: "more than \(1 << 24) different values", "at most so many groups")
  }

  private func tooMany(_ reader: borrowing CSVReader, _ column: Int, _ what: String) -> DataFileError {
    reader.wrong(
      column, title(column), found: "more than \(NameTable.most) different values",
      "at most so many of a \(what)", hint: "does it hold identifiers? ignore: [\(names?[column] ?? "\(column)")]")
  }

  private func isUnknown(
    _ reader: borrowing CSVReader, _ column: Int, _ known: CSVNames, _ what: String, hint: String?
  ) -> DataFileError {
    let names = known.known?.names ?? []
    let text = String(decoding: reader.bytes(column), as: UTF8.self)
    return reader.wrong(
      column, title(column), found: "the \(what) \(Display.quoted(text))", "one of \(Preprocessing.list(names))",
      hint: NearestName.hint(for: text, among: names) ?? hint)
  }

  func title(_ column: Int) -> String {
    names.map { "column \(Display.quoted($0[column]))" } ?? "column \(column)"
  }

  static func header(_ reader: borrowing CSVReader) throws(DataFileError) -> [String] {
    var names: [String] = []
    var seen: Set<[UInt8]> = []
    for index in reader.cells.indices {
      let bytes = reader.bytes(index)
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw reader.wrong(index, "header", found: "bytes that are not UTF-8", "a name in UTF-8")
      }
      guard CombiningMarks.areFew(in: name) else {
        throw reader.wrong(
          index, "header", found: "a name with more than \(CombiningMarks.mostInARow) combining marks in a row",
          "at most so many, as a checkpoint holds")
      }
      guard seen.insert(bytes).inserted else {
        throw reader.wrong(
          index, "header", found: "the column \(Display.quoted(name)) twice", "every name once",
          hint: reader.number(index, as: Double.self) == nil ? nil : "is there no header? header: false")
      }
      names.append(name)
    }
    return names
  }
}

/// Categories of a file that the model does not know, for a person to be told of.
package struct UnknownCategories: Sendable {
  private(set) var rows = 0
  private(set) var example: String?
  private var last = -1

  mutating func add(row: Int, _ title: String, _ name: String) {
    if row != last { rows += 1 }
    last = row
    if example == nil { example = "\(title): \(Display.quoted(name))" }
  }
}
