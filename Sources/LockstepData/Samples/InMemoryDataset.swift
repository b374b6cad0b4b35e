import LockstepKernels

/// Samples held in memory.
///
/// ```
/// let xor = try InMemoryDataset(features: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: [0, 1, 1, 0], classes: 2)
/// let andOr = try InMemoryDataset(
///   features: [[0, 0], [0, 1], [1, 0], [1, 1]], labels: [[0, 0], [0, 1], [0, 1], [1, 1]])
/// ```
public struct InMemoryDataset: Dataset {
  /// Samples, at least 1.
  public let count: Int
  /// Numbers of a sample, at least 1.
  public let features: Int
  public let task: LearningTask
  public let fingerprint: String
  private let memory: Arena
  private let inputs: Matrix
  private let targets: Matrix

  /// A classification set: sample i is `features[i]` of class `labels[i]`.
  ///
  /// - Throws: `DatasetError` if there is no sample or no feature, if counts differ, a value is not finite, or a
  ///   label is outside 0 ..< `classes`.
  public init(features: [[Float]], labels: [Int], classes: Int) throws(DatasetError) {
    try self.init(
      rows: InMemoryDataset.flattened(features, "features"), count: features.count,
      targets: InMemoryDataset.checked(labels, classes: classes), task: .classification(classes: classes))
  }

  /// A set of labels, of which a sample may have any number: sample i is `features[i]`, and has label k where
  /// `labels[i][k]` is 1.
  ///
  /// - Throws: `DatasetError` if there is no sample, no feature or no label, if counts differ, a value is not finite,
  ///   or an answer is neither 0 nor 1.
  public init(features: [[Float]], labels: [[Int]]) throws(DatasetError) {
    let (answers, columns) = try InMemoryDataset.flattened(labels, "labels")
    try self.init(
      rows: InMemoryDataset.flattened(features, "features"), count: features.count,
      targets: InMemoryDataset.checked(answers, labels: columns), task: .labels(columns))
  }

  /// A regression set: sample i is `features[i]` with the targets `targets[i]`.
  ///
  /// - Throws: `DatasetError` if there is no sample, no feature or no target, if counts differ, or a value is not
  ///   finite.
  public init(features: [[Float]], targets: [[Float]]) throws(DatasetError) {
    try self.init(
      rows: InMemoryDataset.flattened(features, "features"), count: features.count,
      targets: InMemoryDataset.flattened(targets, "targets"), task: .regression(targets: targets.first?.count ?? 0))
  }

  /// A classification set from values in row-major order: sample i has the features `values[i · features ..< (i + 1)
  /// · features]`.
  ///
  /// - Throws: as `init(features:labels:classes:)`.
  public init(values: [Float], features: Int, labels: [Int], classes: Int) throws(DatasetError) {
    try self.init(
      rows: (values, features), count: labels.count, targets: InMemoryDataset.checked(labels, classes: classes),
      task: .classification(classes: classes))
  }

  /// A set of labels from values in row-major order: sample i also has the answers `labels[i · labelColumns ..< (i + 1)
  /// · labelColumns]`.
  ///
  /// - Throws: as `init(features:labels:)`.
  public init(values: [Float], features: Int, labels: [Int], labelColumns: Int) throws(DatasetError) {
    let count = try InMemoryDataset.rows(of: labels.count, "labels", columns: labelColumns)
    try self.init(
      rows: (values, features), count: count, targets: InMemoryDataset.checked(labels, labels: labelColumns),
      task: .labels(labelColumns))
  }

  /// A regression set from values in row-major order: sample i also has the targets `targets[i · targetColumns ..< (i
  /// + 1) · targetColumns]`.
  ///
  /// - Throws: as `init(features:targets:)`.
  public init(values: [Float], features: Int, targets: [Float], targetColumns: Int = 1) throws(DatasetError) {
    let count = try InMemoryDataset.rows(of: targets.count, "targets", columns: targetColumns)
    try self.init(
      rows: (values, features), count: count, targets: (targets, targetColumns),
      task: .regression(targets: targetColumns))
  }

  private init(rows: ([Float], Int), count: Int, targets: ([Float], Int), task: LearningTask) throws(DatasetError) {
    let (values, features) = rows
    let (goals, columns) = targets
    guard count >= 1 else { throw DatasetError("a data set in memory: found no sample, expected at least 1") }
    guard features >= 1 else { throw DatasetError("features: found \(features) columns, expected at least 1") }
    try InMemoryDataset.checkShape("features", values.count, count, features)
    try InMemoryDataset.checkShape("targets", goals.count, count, columns)
    try InMemoryDataset.checkFinite("features", values, columns: features)
    try InMemoryDataset.checkFinite("targets", goals, columns: columns)
    (self.count, self.features, self.task) = (count, features, task)
    memory = Arena(count: Arena.aligned(values.count) + goals.count)
    inputs = memory.matrix(at: 0, rows: count, columns: features)
    self.targets = memory.matrix(at: Arena.aligned(values.count), rows: count, columns: columns)
    inputs.elements.copy(from: values)
    self.targets.elements.copy(from: goals)
    let hash = FNV1a.hash(goals.lazy.map(\.bitPattern), from: FNV1a.hash(values.lazy.map(\.bitPattern)))
    fingerprint =
      "memory samples: \(count) features: \(features) \(task) contents: \(String(hash, radix: 16))"
  }

  public func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    for r in indices.indices {
      x.row(r).copy(from: inputs.row(indices[r]))
      y.row(r).copy(from: targets.row(indices[r]))
    }
  }
}

extension InMemoryDataset {
  /// The rows one after the other, and the columns of each.
  private static func flattened<Value>(_ rows: [[Value]], _ name: String) throws(DatasetError) -> ([Value], Int) {
    let columns = rows.first?.count ?? 0
    for (i, row) in rows.enumerated() where row.count != columns {
      throw DatasetError("\(name) of sample \(i): found \(row.count) values, expected \(columns) as in sample 0")
    }
    guard columns >= 1 || rows.isEmpty else {
      throw DatasetError("\(name): found samples without a value, expected at least 1 each")
    }
    return (rows.flatMap { $0 }, columns)
  }

  private static func checked(_ labels: [Int], classes: Int) throws(DatasetError) -> ([Float], Int) {
    guard classes >= 2 && classes <= SyntheticSpecification.maximumClasses else {
      throw DatasetError("classes: found \(classes), expected 2 ... \(SyntheticSpecification.maximumClasses)")
    }
    for (i, label) in labels.enumerated() where label < 0 || label >= classes {
      throw DatasetError("label of sample \(i): found \(label), expected 0 ..< \(classes): class indices count from 0")
    }
    return (labels.map(Float.init), 1)
  }

  private static func checked(_ answers: [Int], labels: Int) throws(DatasetError) -> ([Float], Int) {
    if let i = answers.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw DatasetError(
        "label \(i % labels) of sample \(i / labels): found \(answers[i]), expected 1 where the sample has it, else 0")
    }
    return (answers.map(Float.init), labels)
  }

  /// The rows of `columns` values each that a list comes to.
  private static func rows(of count: Int, _ name: String, columns: Int) throws(DatasetError) -> Int {
    guard columns >= 1 else { throw DatasetError("\(name): found \(columns) columns, expected at least 1") }
    guard count % columns == 0 else {
      throw DatasetError("\(name): found \(count) values, expected a multiple of the \(columns) columns")
    }
    return count / columns
  }

  private static func checkShape(_ name: String, _ found: Int, _ count: Int, _ columns: Int) throws(DatasetError) {
    let (expected, overflow) = count.multipliedReportingOverflow(by: columns)
    guard !overflow && found == expected else {
      throw DatasetError("\(name): found \(found) values, expected \(count) samples × \(columns)")
    }
  }

  private static func checkFinite(_ name: String, _ values: [Float], columns: Int) throws(DatasetError) {
    guard let i = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw DatasetError(
      "\(name) of sample \(i / columns), column \(i % columns): found \(values[i]), expected a finite number")
  }
}
