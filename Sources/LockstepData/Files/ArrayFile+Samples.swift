import LockstepFormats
import LockstepKernels

extension ArrayFile {
  /// Rows of this array as samples, with their targets.
  func table(targets: ArrayFile?, weights: ArrayFile?, _ rules: SampleRules) throws(DataFileError) -> SampleTable {
    if let known = rules.known { try checkFeatures(known) }
    if let targets, targets.values.rows != values.rows {
      throw DataFileError(
        targets.name, found: "targets for \(targets.values.rows) samples", expected: "\(values.rows), as \(name) has")
    }
    var learned = SampleTable.Targets.none
    var rows: Slots<UInt32>?
    if let targets, let kind = rules.kind {
      if rules.dropsMissingTargets { rows = try targets.rowsWithoutGaps() }
      learned = try targets.targets(kind, rules)
    }
    if let weights { try weights.values.checkWeights(samples: values.rows, name: weights.name, taken: rows) }
    let digests = [
      bytes.digest(), targets.map { $0.bytes === bytes ? "" : $0.bytes.digest() } ?? "",
      weights.map { $0.bytes === bytes ? "" : $0.bytes.digest() } ?? "",
    ]
    let image = try image(rules)
    var features = values
    features.planes = image?.planes ?? 1
    var table = SampleTable(
      name: name, columns: Array(repeating: SampleTable.Column(), count: values.columns), image: image,
      features: features, targets: learned, weights: weights?.values, targetNames: [], digest: digests.joined())
    table.rows = rows
    if rules.image == nil, let warning = image?.warning { table.findings.warnings.append(warning) }
    table.dropped = values.rows - table.count
    table.missingHint = rules.missingHint("takes NaN for missing")
    if rules.known == nil { table.findings.look(at: values, isScaled: rules.isPrecise) }
    return table
  }

  private func checkFeatures(_ known: Preprocessing) throws(DataFileError) {
    guard known.columns.count == values.columns else {
      throw DataFileError(
        name, found: "\(values.columns) columns of features", expected: "\(known.columns.count), as in training")
    }
    if let column = known.columns.firstIndex(where: \.isCategory) {
      throw DataFileError(
        name, found: "an array of numbers",
        expected: "a table in which column \(known.columns[column].name ?? "\(column)") holds categories")
    }
  }

  /// The rows that hold no NaN; nil where all of them do not.
  private func rowsWithoutGaps() throws(DataFileError) -> Slots<UInt32>? {
    guard !values.type.isInteger else { return nil }
    guard values.rows <= UInt32.max else {
      throw DataFileError(name, found: "\(values.rows) rows", expected: "at most \(UInt32.max) where some are left out")
    }
    var kept: [UInt32] = []
    for row in 0..<values.rows {
      var isMissing = false
      values.forEach(row: row) { _, value in isMissing = isMissing || value.isNaN }
      if !isMissing { kept.append(UInt32(row)) }
    }
    if kept.count == values.rows { return nil }
    guard !kept.isEmpty else { throw DataFileError(name, found: "no target", expected: "at least one") }
    let rows = Slots<UInt32>(repeating: 0, count: kept.count)
    for (index, row) in kept.enumerated() { rows[index] = row }
    return rows
  }

  private func targets(_ kind: TargetKind, _ rules: SampleRules) throws(DataFileError) -> SampleTable.Targets {
    let (columns, known, mayLack) = (values.columns, rules.known, rules.dropsMissingTargets)
    switch kind {
    case .classes where columns > 1:
      throw DataFileError(
        name, found: "\(columns) columns of targets", expected: "one, the number of the class",
        hint:
          "of one-hot rows take numpy.argmax(y, axis=1); several labels of 0 or 1 are learned by binary_cross_entropy")
    case .classes: return try classes(known, mayLack)
    case .binary: return try columns == 1 ? classes(known, mayLack) : labels(known, mayLack)
    case .labels: return try labels(known, mayLack)
    case .numbers:
      try checkColumns(known)
      return .numbers(values)
    }
  }

  private func checkColumns(_ known: Preprocessing?) throws(DataFileError) {
    guard let known, known.task.targetColumns != values.columns else { return }
    throw DataFileError(
      name, found: "\(values.columns) targets", expected: "\(known.task.targetColumns), as in training")
  }

  /// - Parameter mayLack: whether NaN stands for a target that is missing, whose sample is left out.
  private func labels(_ known: Preprocessing?, _ mayLack: Bool) throws(DataFileError) -> SampleTable.Targets {
    try checkColumns(known)
    for row in 0..<values.rows {
      var bad: Int?
      values.forEach(row: row) { column, value in
        if value != 0, value != 1, !(value.isNaN && mayLack), bad == nil { bad = column }
      }
      if let bad {
        throw DataFileError(
          name, place: "row \(row), column \(bad)", found: values.text(row: row, column: bad),
          expected: "0 or 1, as every label of several is",
          hint: values.text(row: row, column: bad) == "nan" ? SampleRules.targetHint : nil)
      }
    }
    return .labels(values)
  }

  /// The classes of one column of whole numbers, named by their digits.
  ///
  /// - Parameter mayLack: as for labels.
  private func classes(_ known: Preprocessing?, _ mayLack: Bool) throws(DataFileError) -> SampleTable.Targets {
    var (names, codes): ([String], [Double: Float]) = ([], [:])
    if case .classes(let classes)? = known?.targets {
      names = classes
      for (code, name) in classes.enumerated() {
        if let value = Double(name), codes[value] == nil { codes[value] = Float(code) }
      }
    }
    let isOpen = known == nil
    let batch = 1 << 14
    var buffer = GrowingBytes(for: name, capacity: values.rows * MemoryLayout<Float>.stride)
    var pending: [Float] = []
    pending.reserveCapacity(batch)
    for row in 0..<values.rows {
      var value = Double.nan
      values.forEach(row: row) { _, element in value = element }
      if let code = codes[value] {
        pending.append(code)
      } else if value.isNaN, mayLack {
        pending.append(.nan)
      } else {
        guard isOpen, value.rounded() == value, abs(value) < 0x1p53, names.count < NameTable.most else {
          throw DataFileError(
            name, place: "row \(row)", found: "the class \(values.text(row: row, column: 0))",
            expected: isOpen
              ? "a whole number below 2⁵³, and at most \(NameTable.most) different ones"
              : "one of \(Preprocessing.list(names))", hint: value.isNaN ? SampleRules.targetHint : nil)
        }
        codes[value] = Float(names.count)
        pending.append(Float(names.count))
        names.append("\(Int(value))")
      }
      if pending.count == batch || row + 1 == values.rows {
        try buffer.append(pending)
        pending.removeAll(keepingCapacity: true)
      }
    }
    let bytes = try FileBytes(buffer)
    return .classes(names: names, codes: NumericArray(table: bytes, .float32, width: 1, columns: 0..<1))
  }
}
