import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns

/// Samples as a network takes them, in memory, and which of its inputs each column of the file became.
struct FeatureTable: Sendable {
  /// [samples, inputs]
  let inputs: Matrix
  /// [samples, target columns]
  let targets: Matrix
  /// By column of the file: its inputs, more than one for a column of categories.
  let places: [Range<Int>]
  private let memory: Arena

  var count: Int { inputs.rows }

  init(_ chosen: EvenChoice, of data: any Dataset, _ preprocessing: Preprocessing) throws(RunError) {
    let (width, columns) = (data.features, data.task.targetColumns)
    let (cells, overflow) = chosen.count.multipliedReportingOverflow(by: width + columns + Arena.alignment)
    guard !overflow, let memory = Arena(granted: cells + Arena.alignment) else {
      throw .failed("the system does not grant the memory of \(chosen.count) samples at present: take fewer --samples")
    }
    self.memory = memory
    inputs = memory.matrix(at: 0, rows: chosen.count, columns: width)
    targets = memory.matrix(at: Arena.aligned(chosen.count * width), rows: chosen.count, columns: columns)
    for start in stride(from: 0, to: chosen.count, by: 1024) {
      let rows = start..<min(start + 1024, chosen.count)
      let samples = rows.map { chosen[$0] }
      let (x, y) = (inputs.rows(rows), targets.rows(rows))
      try asInput { () throws(DatasetError) in try data.fill(samples.span, features: x, targets: y) }
    }
    var (places, at): ([Range<Int>], Int) = ([], 0)
    for column in preprocessing.columns {
      places.append(at..<at + column.width)
      at += column.width
    }
    self.places = places
  }
}

/// The samples of a table, some inputs of each taken from another sample.
struct ShuffledDataset: Dataset {
  let table: FeatureTable
  let task: LearningTask
  let shape: Shape
  let targetDeviations: [Double]
  /// The inputs that are shuffled, and the sample that each is taken from; nil for none.
  let shuffled: (inputs: Range<Int>, sources: [Int])?

  var count: Int { table.count }
  var features: Int { table.inputs.columns }
  var fingerprint: String { "shuffled" }

  init(_ table: FeatureTable, like data: any Dataset, shuffled: (inputs: Range<Int>, sources: [Int])? = nil) {
    (self.table, self.shuffled) = (table, shuffled)
    (task, shape, targetDeviations) = (data.task, data.shape, data.targetDeviations)
  }

  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    try checkFill(indices, features: x, targets: y)
    for row in indices.indices {
      let index = indices[row]
      x.row(row).copy(from: table.inputs.row(index))
      y.row(row).copy(from: table.targets.row(index))
      guard let shuffled else { continue }
      x.row(row)[shuffled.inputs].copy(from: table.inputs.row(shuffled.sources[index])[shuffled.inputs])
    }
  }
}
