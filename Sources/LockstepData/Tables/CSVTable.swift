import LockstepFormats

/// A table of text in memory: as float32, or as float64 where numbers are to be standardised.
enum CSVTable {
  static func read(_ source: CSVSource, _ rules: SampleRules) throws(DataFileError) -> SampleTable {
    var reader = try CSVReader(source.path, source.dialect)
    let source = source.renamed(reader.path)
    var decoder = try CSVDecoder(&reader, source, rules)
    let (features, width) = (decoder.features, decoder.numbers)
    var row = [Double](repeating: 0, count: width)
    var buffer = GrowingBytes(for: source.path, capacity: 1 << 20)
    var single = [Float](repeating: 0, count: rules.isPrecise ? 0 : width)
    repeat {
      var numbers = row.mutableSpan
      guard try decoder.decode(reader, into: &numbers) else { continue }
      if rules.isPrecise {
        try buffer.append(row)
      } else {
        var rounded = single.mutableSpan
        for index in 0..<width { rounded[index] = Float(row[index]) }
        try buffer.append(single)
      }
    } while try reader.next()
    try decoder.conclude()
    guard decoder.rows > decoder.dropped else {
      throw DataFileError(
        source.path, found: "\(decoder.rows) samples, all of them without a target", expected: "at least one with it")
    }

    let bytes = try FileBytes(buffer)
    func part(_ range: Range<Int>) -> NumericArray {
      NumericArray(table: bytes, rules.isPrecise ? .float64 : .float32, width: width, columns: range)
    }
    let end = decoder.targets.upperBound
    let weights = decoder.layout.isWeighted ? part(end..<end + 1) : nil
    let values = part(0..<features)
    try weights?.checkWeights(samples: values.rows, name: source.path)
    let columns = try columns(of: decoder, rules.known, source.path)
    if rules.image != nil, let bad = columns.first(where: { $0.categories != nil }) {
      throw DataFileError(
        source.path, place: "image", found: "categories in the column \(Display.quoted(bad.name ?? ""))",
        expected: "numbers alone, the pixels of an image")
    }
    var table = SampleTable(
      name: source.path, columns: columns, image: rules.image, features: values,
      targets: try targets(decoder, part(decoder.targets), rules, source.path), weights: weights,
      targetNames: decoder.layout.targetNames, digest: reader.contentDigest())
    if decoder.layout.isGrouped {
      table.groups = (try decoder.groups.texts(source.path), part(width - 1..<width))
    }
    table.dropped = decoder.dropped
    table.findings = decoder.findings(source, rules)
    return table
  }

  private static func targets(
    _ decoder: CSVDecoder, _ values: NumericArray, _ rules: SampleRules, _ path: String
  ) throws(DataFileError) -> SampleTable.Targets {
    switch try rules.kind?.resolved(columns: values.columns, path) {
    case .classes?, .binary?: .classes(names: try decoder.classes.texts(path), codes: values)
    case .labels?: .labels(values)
    case .numbers?: .numbers(values)
    case nil: .none
    }
  }

  private static func columns(
    of decoder: CSVDecoder, _ known: Preprocessing?, _ path: String
  ) throws(DataFileError) -> [SampleTable.Column] {
    var columns: [SampleTable.Column] = []
    var categorical: Set<Int> = []
    for case .category(let slot) in decoder.layout.roles { categorical.insert(slot) }
    for slot in 0..<decoder.features {
      var column = SampleTable.Column(name: known?.columns[slot].name ?? decoder.layout.names?[slot])
      if categorical.contains(slot) {
        let names = decoder.columns[slot].names
        column.categories = try names.texts(path).enumerated().map { index, name in
          let place = known == nil ? names.places[index] : (line: 1, column: 1)
          return SampleTable.Category(name: name, line: place.line, column: place.column)
        }
      }
      columns.append(column)
    }
    return columns
  }
}

// MARK: - What a person may not have meant

extension CSVDecoder {
  /// - Parameter rules: without `known`, a file that is trained on.
  fileprivate func findings(_ source: CSVSource, _ rules: SampleRules) -> TableFindings {
    var findings = TableFindings()
    findings.unknown = unknown
    findings.missing = missingCells
    guard rules.known == nil else { return findings }
    for (column, role) in layout.roles.enumerated() {
      let title = title(column)
      switch role {
      case .ignored: findings.ignored.append(names.map { Display.quoted($0[column]) } ?? "\(column)")
      case .number(let slot):
        let isNameless = names.map { $0[column].isEmpty || $0[column].hasPrefix("Unnamed: ") } ?? false
        let values = watch.values[slot]
        if isNameless, ColumnSigns.countUp(values) {
          findings.warnings.append(
            "column \(column) has no name and counts the rows, an index: ignore: [\(column)] leaves it out")
        }
        if !rules.isPrecise { findings.lookForBlur(values, title, feature: slot) }
      case .category(let slot):
        let different = columns[slot].names.written.names.count
        let cells = rows - dropped
        if columns[slot].isOpen, cells >= 20, different * 2 > cells {
          findings.warnings.append(
            "\(title): \(Format.count(different)) different words in \(Format.count(cells)) rows become an input each, "
              + "as if they were categories; are they names, ids or dates? ignore: [\(names.map { Display.plain($0[column]) } ?? "\(column)")] leaves them out"
          )
        }
      case .undecided, .target, .weight, .group: break
      }
    }
    // Who calls the target by a word has seen it there.
    let isNamed = source.targets.contains { if case .name(let name) = $0 { Double(name) == nil } else { false } }
    if let names = layout.names, !isNamed, names.allSatisfy({ Double($0) != nil }), !TableSurvey.mayBeNames(names) {
      findings.warnings.append(
        "line \(firstLine) is taken for the names of the columns, and those of all features are numbers: is there no header? header: false"
      )
    }
    findings.targets = (0..<layout.targets).compactMap { ColumnSigns.scale(watch.values[features + $0]) }
    return findings
  }
}
