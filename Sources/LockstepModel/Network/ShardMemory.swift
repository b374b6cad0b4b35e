import LockstepKernels

/// What a pass over a batch is: the same for every shard.
package struct Pass: Sendable {
  package enum Mode: Sendable {
    case training
    case inference
  }

  package var mode: Mode
  /// Step counted from 0; random layers draw by it.
  package var step: UInt64
  /// Rows of the whole batch.
  package var batchRows: Int

  package init(mode: Mode, step: UInt64, batchRows: Int) {
    self.mode = mode
    self.step = step
    self.batchRows = batchRows
  }
}

/// The memory of one shard: the value after every operation, the gradients on their way back, statistics, and what is scratch.
///
/// Its arenas are touched first by the worker that owns the shard, which places the pages beside that worker.
///
/// `@unchecked Sendable`: a shard belongs to one worker; what others read of it (its statistics) they read after a barrier.
package final class ShardMemory: @unchecked Sendable {
  package let shard: Int
  /// Rows of the shard in this batch.
  package private(set) var rows = 0
  /// The batch row of its first row.
  package private(set) var firstRow = 0

  let plan: WorkspacePlan
  let scratch: Vector
  private let values: Arena
  private let valueGradients: Arena
  private let statistics: Arena
  /// Views of what the whole run shares; views, so that no worker counts references on another's cache line.
  let parameters: Vector
  let running: Vector
  /// This shard's slot.
  package let gradients: Vector
  private let owners: [Arena]

  init(shard: Int, plan: WorkspacePlan, parameters: Arena, running: Arena, gradients: Arena) {
    self.shard = shard
    self.plan = plan
    self.parameters = parameters.all
    self.running = running.all
    self.gradients = gradients.vector(at: shard * parameters.count, count: parameters.count)
    owners = [parameters, running, gradients]
    values = Arena(count: plan.valueCount)
    valueGradients = Arena(count: plan.gradientCount)
    statistics = Arena(count: plan.statisticsCount + Arena.aligned(plan.widest))
    scratch = statistics.vector(at: plan.statisticsCount, count: plan.widest)
  }

  /// Takes the batch rows `range` as this shard's.
  package func begin(rows range: Range<Int>) {
    precondition(range.count <= plan.rows, "a shard of \(range.count) rows in memory for \(plan.rows)")
    rows = range.count
    firstRow = range.lowerBound
  }

  /// The input, [rows, features], to be filled.
  package var input: Matrix { value(0) }

  /// The last value, [rows, outputs].
  package var output: Matrix { value(plan.values.count - 1) }

  /// Where the loss writes its gradient, [rows, outputs].
  package var outputGradient: Matrix { valueGradient(0, width: plan.values[plan.values.count - 1].width) }

  /// The targets, [rows, target columns], to be filled.
  package var targets: Matrix {
    values.matrix(at: plan.targets.offset, rows: rows, columns: plan.targets.width)
  }

  /// Value `id`, [rows, its width]; value 0 is the input.
  func value(_ id: Int) -> Matrix {
    let place = plan.values[id]
    return values.matrix(at: place.offset, rows: rows, columns: place.width)
  }

  /// Gradient buffer `buffer` as [rows, width].
  func valueGradient(_ buffer: Int, width: Int) -> Matrix {
    valueGradients.matrix(at: buffer * plan.gradientStride, rows: rows, columns: width)
  }

  /// The factor by which a random layer's backward multiplies.
  func factor(_ id: Int) -> Matrix {
    let place = plan.factors[id]
    return values.matrix(at: place.offset, rows: rows, columns: place.width)
  }

  func parameter(_ entry: ParameterLayout.Entry) -> Vector { parameters[entry.range] }
  func weight(_ entry: ParameterLayout.Entry) -> Matrix {
    parameters[entry.range].matrix(rows: entry.shape[0], columns: entry.shape[1])
  }
  func runningStatistic(_ entry: ParameterLayout.Entry) -> Vector { running[entry.range] }
  func gradient(_ entry: ParameterLayout.Entry) -> Vector { gradients[entry.range] }

  /// Mean and M2 of this shard's rows at a BatchNorm.
  func moments(_ place: StatisticsPlace) -> Moments {
    Moments(
      count: Double(rows), mean: statistics.vector(at: place.offset, count: place.width),
      m2: statistics.vector(at: place.offset + place.stride, count: place.width))
  }

  func inverseDeviation(_ place: StatisticsPlace) -> Vector {
    statistics.vector(at: place.offset + 2 * place.stride, count: place.width)
  }
}

/// Where a BatchNorm's per-shard statistics stand: mean, M2 and inverse deviation, `stride` apart.
struct StatisticsPlace: Sendable {
  var offset: Int
  var width: Int
  var stride: Int { Arena.aligned(width) }
}

/// How much memory a shard needs and what stands where, derived from the network and the most rows a shard can have.
struct WorkspacePlan: Sendable {
  struct Place: Sendable {
    var offset: Int
    var width: Int
  }

  let rows: Int
  private(set) var values: [Place] = []
  private(set) var factors: [Place] = []
  private(set) var valueCount = 0
  private(set) var statisticsCount: Int
  private(set) var widest: Int
  private(set) var targets: Place
  let gradientBuffers: Int

  var gradientStride: Int { Arena.aligned(rows * widest) }
  var gradientCount: Int { gradientBuffers * gradientStride }

  init(network: Network, rows: Int, targetColumns: Int) {
    self.rows = rows
    widest = network.valueWidths.max() ?? 0
    statisticsCount = network.statisticsCount
    gradientBuffers = network.gradientBuffers
    targets = Place(offset: 0, width: targetColumns)
    valueCount = Arena.aligned(rows * targetColumns)
    for width in network.valueWidths {
      values.append(Place(offset: valueCount, width: width))
      valueCount += Arena.aligned(rows * width)
    }
    for width in network.factorWidths {
      factors.append(Place(offset: valueCount, width: width))
      valueCount += Arena.aligned(rows * width)
    }
  }

  /// Float32 elements of one shard's memory.
  var count: Int { valueCount + gradientCount + statisticsCount + Arena.aligned(widest) }
}
