import LockstepFormats
import LockstepKernels
import LockstepModel

/// Samples of files as a network sees them: read where they stand, encoded when they are asked for.
package struct FileDataset: Dataset {
  package let count: Int
  package let features: Int
  package let shape: Shape
  package let task: LearningTask
  package let fingerprint: String
  package let targetDeviations: [Double]
  let table: SampleTable
  private let encoder: SampleEncoder
  /// What each byte of a picture becomes, by channel; see `Picture.write`.
  private let pixels: [Float]
  /// By the table's own number of a class: its number among the model's classes.
  private let classes: Slots<Float>
  private let learned: NumericArray?
  /// nil where targets are taken as they are.
  private let targets: ColumnScaling?

  /// - Parameter preprocessing: knows every category and class of the samples that will be asked for.
  init(_ table: SampleTable, _ preprocessing: Preprocessing) {
    self.table = table
    encoder = SampleEncoder(preprocessing, names: table.columns.map { $0.categories?.map(\.name) })
    pixels = table.pictures.map { [encoder] in encoder.pixelValues(channels: $0.image.channels) } ?? []
    (count, features, task) = (table.count, preprocessing.features, preprocessing.task)
    shape = preprocessing.shape
    learned = table.targets.values
    if case .classes(let own, _) = table.targets, case .classes(let names) = preprocessing.targets {
      classes = Slots(repeating: -1, count: own.count)
      let labels = Labels(named: names)
      for (number, name) in own.enumerated() { classes[number] = Float(labels.place(of: name) ?? -1) }
    } else {
      classes = Slots(repeating: 0, count: 0)
    }
    let scales = preprocessing.targetScales
    targetDeviations = scales.map(\.deviation)
    targets =
      scales.isEmpty
      ? nil
      : ColumnScaling(
        means: scales.map(\.mean), deviations: scales.map(\.deviation), isScaling: true, isFilling: false)
    let encoding = SHA256Digest.hexadecimal(of: Array(JSONValue.object(preprocessing.json).text.utf8))
    fingerprint =
      "file contents: \(table.digest) samples: \(table.count) features: \(preprocessing.features) \(preprocessing.task) "
      + (table.weights == nil ? "" : "weighted ") + "preprocessing: \(encoding)"
  }

  /// The path of a picture within its folder.
  package func name(of index: Int) -> String? { table.pictures?.folder.name(of: table.row(index)) }

  package var isWeighted: Bool { table.weights != nil }

  package func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    guard let own = table.weights else { return weights.fill(1) }
    try own.checkSize()
    for r in indices.indices {
      let row = table.row(indices[r])
      own.read(row: row, into: weights[r..<r + 1])
      guard weights[r] >= 0, weights[r].isFinite else {
        throw DatasetError(
          "\(Folder.shown(own.bytes.path)): row \(row): found the weight \(weights[r]), expected a finite number of at least 0"
        )
      }
    }
  }

  package func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    try learned?.checkSize()
    try withFloatingPointEnvironment { () throws(DatasetError) in
      for r in indices.indices { try target(of: indices[r], into: targets.row(r)) }
    }
  }

  /// Bytes of memory that it takes.
  var memoryBytes: Int { table.memoryBytes }

  /// What the model did not know, of all samples.
  package func gaps() throws(DatasetError) -> ReadingGaps {
    let filled = if let counted = table.findings.missing { counted } else { try missingNumbers(in: 0..<count) }
    return ReadingGaps(unknown: table.findings.unknown, filled: filled)
  }

  /// Numbers among the features of the samples `range` that are NaN and are filled.
  package func missingNumbers(in range: Range<Int>) throws(DatasetError) -> Int {
    guard encoder.fillsMissing, !table.features.type.isInteger else { return 0 }
    try table.features.checkSize()
    var missing = 0
    for index in range {
      table.features.forEach(row: table.row(index)) { _, value in if value.isNaN { missing += 1 } }
    }
    return missing
  }

  package func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    try table.features.checkSize()
    if let learned, learned.bytes !== table.features.bytes { try learned.checkSize() }
    var reader = table.pictures?.reader
    try withFloatingPointEnvironment { () throws(DatasetError) in
      for r in indices.indices {
        try encode(indices[r], into: x.row(r), &reader)
        try target(of: indices[r], into: y.row(r))
      }
    }
  }

  /// The features alone of the samples `range`, into the rows of `x`.
  package func fillFeatures(_ range: Range<Int>, into x: Matrix) throws(DatasetError) {
    try table.features.checkSize()
    var reader = table.pictures?.reader
    for r in 0..<range.count { try encode(range.lowerBound + r, into: x.row(r), &reader) }
  }

  /// - Parameter reader: memory for one picture after the other, where samples are pictures.
  private func encode(_ index: Int, into row: Vector, _ reader: inout PictureReader?) throws(DatasetError) {
    let place = table.row(index)
    if let pictures = table.pictures {
      do throws(DataFileError) { try reader?.read(pictures.folder.file(of: place)) } catch {
        throw DatasetError("\(error)")
      }
      reader?.picture.write(pixels, into: row)
      return
    }
    if let column = encoder.encode(table.features, place, into: row) {
      let text = table.features.text(row: place, column: column)
      throw wrong(
        table.name, table.place(row: place, column: column), text, hint: text == "nan" ? table.missingHint : nil)
    }
  }

  private func target(of index: Int, into row: Vector) throws(DatasetError) {
    guard let learned else { return row.fill(0) }
    let place = table.row(index)
    if let targets {
      learned.forEach(row: place) { column, value in row[column] = targets.applied(to: value, column: column) }
    } else {
      learned.read(row: place, into: row)
    }
    if let column = row.firstNonFinite {
      throw wrong(
        learned.bytes.path, "row \(place), column \(column)", learned.text(row: place, column: column),
        hint: row[column].isNaN ? SampleRules.targetHint : nil)
    }
    if classes.count > 0 { row[0] = classes[Int(row[0])] }
  }

  private func wrong(_ file: String, _ place: String, _ found: String, hint: String? = nil) -> DatasetError {
    let hint = hint.map { " (\($0))" } ?? ""
    return DatasetError("\(Folder.shown(file)): \(place): found \(found), expected a finite number\(hint)")
  }
}

extension NumericArray {
  /// Throws where a file has become shorter.
  fileprivate func checkSize() throws(DatasetError) {
    try forEachFile { (file) throws(DatasetError) in try file.checkSize() }
  }
}

extension FileBytes {
  /// Throws where a mapped file has become shorter than what was mapped.
  fileprivate func checkSize() throws(DatasetError) {
    guard let size = shortenedSize else { return }
    throw DatasetError(
      "\(path): found \(size) bytes where there were \(count): the file became shorter while it was used")
  }
}
