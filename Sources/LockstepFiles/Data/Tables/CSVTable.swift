/// A table of text in memory, as float32.
enum CSVTable {
  static func read(
    _ source: CSVSource, targets kind: TargetKind?, known: Preprocessing?, allowsMissing: Bool,
    isWeighted: Bool
  ) throws(DataFileError) -> SampleTable {
    var reader = try CSVReader(source.path, delimiter: source.delimiter.asciiValue ?? 0x2C)
    var decoder = try CSVDecoder(
      &reader, source, targets: kind, known: known, allowsMissing: allowsMissing, isWeighted: isWeighted)
    let (features, width) = (decoder.layout.features, decoder.width)
    var row = [Float](repeating: 0, count: width)
    var buffer = GrowingBytes(for: source.path, capacity: 1 << 20)
    repeat {
      try decoder.decode(reader, into: &row)
      try buffer.append(row)
    } while try reader.next()

    let bytes = try FileBytes(buffer)
    let values = NumericArray(table: bytes, width: width, columns: 0..<features)
    let counted = decoder.layout.isWeighted ? NumericArray(table: bytes, width: width, columns: width - 1..<width) : nil
    try counted?.checkWeights(samples: values.rows, name: source.path)
    let learned = NumericArray(table: bytes, width: width, columns: features..<width - (counted == nil ? 0 : 1))
    let targets: SampleTable.Targets =
      switch kind {
      case .classes: .classes(names: try text(decoder.classes, source.path), codes: learned)
      case .numbers: .numbers(learned)
      case nil: .none
      }
    return SampleTable(
      name: source.path, columns: try columns(decoder, known, source.path), features: values, targets: targets,
      weights: counted,
      targetNames: decoder.layout.targetNames, digest: reader.contentDigest())
  }

  private static func columns(
    _ decoder: CSVDecoder, _ known: Preprocessing?, _ path: String
  ) throws(DataFileError) -> [SampleTable.Column] {
    var columns: [SampleTable.Column] = []
    var categorical: Set<Int> = []
    for case .category(let slot) in decoder.layout.roles { categorical.insert(slot) }
    for slot in 0..<decoder.layout.features {
      var column = SampleTable.Column(name: known?.columns[slot].name ?? decoder.layout.names?[slot])
      if categorical.contains(slot) {
        let places = decoder.places[slot]
        column.categories = try text(decoder.categories[slot], path).enumerated().map { index, name in
          let place = index < places.count ? places[index] : (line: 1, column: 1)
          return SampleTable.Category(name: name, line: place.line, column: place.column)
        }
      }
      columns.append(column)
    }
    return columns
  }

  private static func text(_ table: NameTable, _ path: String) throws(DataFileError) -> [String] {
    var names: [String] = []
    for bytes in table.names {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw DataFileError(
          path, found: "the name \(Display.quoted(String(decoding: bytes, as: UTF8.self))), which is not UTF-8",
          expected: "text in UTF-8")
      }
      names.append(name)
    }
    return names
  }
}
