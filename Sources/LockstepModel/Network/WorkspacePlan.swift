import LockstepKernels

/// What a pass over a batch is: the same for every shard.
package struct Pass: Sendable {
  /// What a pass is for: BatchNorms and random layers do different things in training and in inference.
  package enum Mode: Sendable {
    case training
    case inference
  }

  /// Training or inference.
  package var mode: Mode
  /// Step counted from 0; random layers draw by it.
  package var step: UInt64
  /// Rows of the whole batch.
  package var batchRows: Int
  /// Of its products.
  package var precision: Precision

  package init(mode: Mode, step: UInt64, batchRows: Int, precision: Precision = .float32) {
    self.mode = mode
    self.step = step
    self.batchRows = batchRows
    self.precision = precision
  }
}

/// How much memory a worker needs for the rows it owns, and what stands where in it.
struct WorkspacePlan: Sendable {
  struct Place: Sendable {
    var offset: Int
    var width: Int
  }

  /// Most rows.
  let rows: Int
  private(set) var targets: Place
  private(set) var weights: Place
  private(set) var values: [Place] = []
  private(set) var factors: [Place] = []
  private(set) var valueCount: Int
  let widest: Int
  let gradientBuffers: Int

  var gradientStride: Int { Arena.aligned(rows * widest) }
  var gradientCount: Int { gradientBuffers * gradientStride }

  init(network: Network, _ microBatches: MicroBatchPlan, _ size: WorkspaceSize) {
    let rows = size.shardRows * microBatches.shardsAtOnce
    self.rows = rows
    widest = network.values.map(\.shape.count).max() ?? 0
    gradientBuffers = network.gradientBuffers
    targets = Place(offset: 0, width: size.targetColumns)
    weights = Place(offset: Arena.aligned(rows * size.targetColumns), width: 1)
    valueCount = weights.offset + Arena.aligned(rows)
    for value in network.values {
      let width = value.shape.count
      if let source = value.source {
        values.append(values[source])
        continue
      }
      values.append(Place(offset: valueCount, width: width))
      valueCount += Arena.aligned(rows * width)
    }
    for width in network.factorShapes.map(\.count) {
      factors.append(Place(offset: valueCount, width: width))
      valueCount += Arena.aligned(rows * width)
    }
  }

  /// Float32 elements in all.
  var count: Int { valueCount + gradientCount }
}

/// Where a BatchNorm's per-shard statistics stand.
struct StatisticsPlace: Sendable {
  /// The two parts of the mean, M2, 1 / √(variance + epsilon), and the two sums of the backward pass.
  static let parts = 6
  /// Those from which the moments of several shards are merged.
  static let moments = 0..<3
  /// The two sums of the backward pass.
  static let gradientSums = 4..<6
  let vectors: ColumnVectors
  /// Of a row: each of them counts in the statistics.
  let positions: Int

  init(_ vectors: ColumnVectors, positions: Int) { (self.vectors, self.positions) = (vectors, positions) }

  var width: Int { vectors.width }

  /// Elements of some of the parts, one after the other.
  func parts(_ range: Range<Int>) -> Range<Int> {
    vectors.vector(range.lowerBound).lowerBound..<vectors.vector(range.upperBound - 1).upperBound
  }

  subscript(columns: Range<Int>) -> StatisticsPlace { StatisticsPlace(vectors[columns], positions: positions) }
}
