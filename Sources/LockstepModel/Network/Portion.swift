import LockstepKernels

/// Some consecutive rows of the batch in a worker's memory: a shard's, or all of the worker's shards together.
///
/// The value after every operation stands there for all of the worker's rows, shard after shard, so whatever works row
/// by row takes them all at once.
///
/// `@unchecked Sendable`: a portion belongs to one worker; what others read of it they read after a barrier.
package class Portion: @unchecked Sendable {
  package private(set) var rows = 0
  /// The batch row of the first row.
  package private(set) var firstRow = 0
  /// Rows of the same worker before it.
  private var offset = 0

  let plan: WorkspacePlan
  /// Views of what the whole run shares; views, so that no worker counts references on another's cache line.
  let parameters: Vector
  let running: Vector
  private let values: Vector
  private let valueGradients: Vector

  init(plan: WorkspacePlan, values: Vector, valueGradients: Vector, parameters: Vector, running: Vector) {
    self.plan = plan
    self.values = values
    self.valueGradients = valueGradients
    self.parameters = parameters
    self.running = running
  }

  /// Takes the batch rows `range`, of which `offset` come after the worker's first.
  func begin(rows range: Range<Int>, offset: Int) {
    precondition(offset + range.count <= plan.rows, "\(offset + range.count) rows in memory for \(plan.rows)")
    rows = range.count
    firstRow = range.lowerBound
    self.offset = offset
  }

  /// The input, [rows, features], to be filled.
  package var input: Matrix { value(0) }

  /// The last value, [rows, outputs].
  package var output: Matrix { value(plan.values.count - 1) }

  /// Where the loss writes its gradient, [rows, outputs].
  package var outputGradient: Matrix { valueGradient(0, width: plan.values[plan.values.count - 1].width) }

  /// The targets, [rows, target columns], to be filled.
  package var targets: Matrix { matrix(plan.targets) }

  /// What each row counts in the objective, [rows], to be filled where that is not 1.
  package var weights: Vector { matrix(plan.weights).elements }

  /// Value `id`, [rows, its width]; value 0 is the input.
  func value(_ id: Int) -> Matrix { matrix(plan.values[id]) }

  /// The factor by which a random layer's backward multiplies.
  func factor(_ id: Int) -> Matrix { matrix(plan.factors[id]) }

  private func matrix(_ place: WorkspacePlan.Place) -> Matrix {
    values.matrix(at: place.offset + offset * place.width, rows: rows, columns: place.width)
  }

  /// Gradient buffer `buffer` as [rows, width].
  func valueGradient(_ buffer: Int, width: Int) -> Matrix {
    valueGradients.matrix(at: buffer * plan.gradientStride + offset * width, rows: rows, columns: width)
  }

  func parameter(_ place: ParameterLayout.Place) -> Vector { parameters[place.range] }
  func weight(_ place: ParameterLayout.Place) -> Matrix {
    parameters.matrix(at: place.offset, rows: place.rows, columns: place.columns)
  }
  func runningStatistic(_ place: ParameterLayout.Place) -> Vector { running[place.range] }
}

/// A shard's rows, its statistics, and the gradients of its vectors: biases, γ, β and slopes.
///
/// `@unchecked Sendable` as its portion is: others read its statistics after a barrier.
package final class ShardMemory: Portion, @unchecked Sendable {
  package let shard: Int
  /// The gradients of this shard alone.
  package let gradients: Vector
  let scratch: Vector
  private let statistics: Vector

  init(
    shard: Int, plan: WorkspacePlan, values: Vector, valueGradients: Vector, statistics: Vector, parameters: Vector,
    running: Vector, gradients: Vector
  ) {
    self.shard = shard
    self.gradients = gradients
    self.statistics = statistics[0..<statistics.count - plan.widest]
    scratch = statistics[statistics.count - plan.widest..<statistics.count]
    super.init(plan: plan, values: values, valueGradients: valueGradients, parameters: parameters, running: running)
  }

  func gradient(_ place: ParameterLayout.Place) -> Vector {
    guard let start = place.shardOffset else { preconditionFailure("a weight has no gradient of one shard") }
    return gradients[start..<start + place.count]
  }

  /// Mean and M2 of this shard's rows at a BatchNorm.
  func moments(_ place: StatisticsPlace) -> Moments {
    Moments(count: Double(rows), mean: part(0, place), meanLow: part(1, place), m2: part(2, place))
  }

  func inverseDeviation(_ place: StatisticsPlace) -> Vector { part(3, place) }
  /// Σ dy · x̂ over this shard's rows.
  func gammaSum(_ place: StatisticsPlace) -> Vector { part(4, place) }
  /// Σ dy over this shard's rows.
  func betaSum(_ place: StatisticsPlace) -> Vector { part(5, place) }

  /// Of all its statistics.
  var largestStatistic: Magnitude { statistics.largestMagnitude }

  private func part(_ index: Int, _ place: StatisticsPlace) -> Vector {
    let start = place.offset + index * place.stride
    return statistics[start..<start + place.width]
  }
}
