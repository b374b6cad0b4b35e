import LockstepKernels
import LockstepTraining

/// Samples of files as a network sees them: read where they stand, encoded when they are asked for.
struct FileDataset: Dataset {
  let count: Int
  let features: Int
  let task: Task
  let fingerprint: String
  private let table: SampleTable
  private let encoder: SampleEncoder
  /// By the table's own number of a class: its number among the sorted names.
  private let classes: Slots<Float>
  private let learned: NumericArray?

  /// - Parameter preprocessing: knows every category and class of the samples that will be asked for.
  init(_ table: SampleTable, _ preprocessing: Preprocessing) {
    self.table = table
    encoder = SampleEncoder(preprocessing, names: table.columns.map { $0.categories?.map(\.name) })
    (count, features, task) = (table.count, preprocessing.features, preprocessing.task)
    switch (table.targets, preprocessing.targets) {
    case (.classes(let own, let codes), .classes(let sorted)):
      learned = codes
      classes = Slots(repeating: -1, count: own.count)
      let places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, Float($0)) })
      for (number, name) in own.enumerated() { classes[number] = places[name] ?? -1 }
    case (.numbers(let values), _):
      (learned, classes) = (values, Slots(repeating: 0, count: 0))
    default: (learned, classes) = (nil, Slots(repeating: 0, count: 0))
    }
    let encoding = SHA256Digest.hexadecimal(of: Array(JSONValue.object(preprocessing.json).text.utf8))
    fingerprint =
      "file contents: \(table.digest) samples: \(table.count) features: \(preprocessing.features) \(preprocessing.task) "
      + (table.weights == nil ? "" : "weighted ") + "preprocessing: \(encoding)"
  }

  var isWeighted: Bool { table.weights != nil }

  func fillWeights(_ indices: Span<Int>, into weights: Vector) throws(DatasetError) {
    guard let own = table.weights else { return weights.fill(1) }
    try own.bytes.checkSize()
    for r in indices.indices {
      own.read(row: indices[r], into: weights[r..<r + 1])
      guard weights[r] >= 0, weights[r].isFinite else {
        throw DatasetError(
          "\(own.bytes.path): row \(indices[r]): found the weight \(weights[r]), expected a finite number of at least 0"
        )
      }
    }
  }

  func fillTargets(_ indices: Span<Int>, _ targets: Matrix) throws(DatasetError) {
    try learned?.bytes.checkSize()
    for r in indices.indices { try target(of: indices[r], into: targets.row(r)) }
  }

  /// Bytes of memory that it takes.
  var memoryBytes: Int { table.memoryBytes }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    try table.features.bytes.checkSize()
    if let learned, learned.bytes !== table.features.bytes { try learned.bytes.checkSize() }
    for r in indices.indices {
      try encode(indices[r], into: x.row(r))
      try target(of: indices[r], into: y.row(r))
    }
  }

  /// The features alone of the samples `range`, into the rows of `x`.
  func fillFeatures(_ range: Range<Int>, into x: Matrix) throws(DatasetError) {
    try table.features.bytes.checkSize()
    for r in 0..<range.count { try encode(range.lowerBound + r, into: x.row(r)) }
  }

  private func encode(_ index: Int, into row: Vector) throws(DatasetError) {
    table.features.read(row: index, into: encoder.raw(in: row))
    if let column = encoder.encode(row) {
      throw wrong(table.name, index, column, table.features.text(row: index, column: column))
    }
  }

  private func target(of index: Int, into row: Vector) throws(DatasetError) {
    guard let learned else { return row.fill(0) }
    learned.read(row: index, into: row)
    if let column = row.firstNonFinite {
      throw wrong(learned.bytes.path, index, column, learned.text(row: index, column: column))
    }
    if classes.count > 0 { row[0] = classes[Int(row[0])] }
  }

  private func wrong(_ file: String, _ row: Int, _ column: Int, _ found: String) -> DatasetError {
    DatasetError("\(file): row \(row), column \(column): found \(found), expected a finite number")
  }
}
