import LockstepKernels

/// Some consecutive rows of the batch in a team's memory: a shard's, or all of the team's shards together.
///
/// The value after every operation stands there for all of the team's rows, shard after shard, so whatever works row
/// by row takes them all at once.
///
/// `@unchecked Sendable`: the object belongs to one worker; of the memory behind it each member of the team writes its
/// own part, and what others read of that they read after a barrier. One worker alone comes to its variables, so that
/// exclusive access to them is not checked while it runs: that costs a step of 64 samples a twentieth.
package class BatchRows: @unchecked Sendable {
  /// How many.
  @exclusivity(unchecked) package private(set) var rows = 0
  /// The batch row of the first row.
  @exclusivity(unchecked) package private(set) var firstRow = 0
  /// Rows of the same team before it.
  @exclusivity(unchecked) private var offset = 0

  private let storage: RowStorage
  var plan: WorkspacePlan { storage.plan }

  init(_ storage: RowStorage) { self.storage = storage }

  /// Takes the batch rows `range`, of which `offset` come after the team's first.
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
    storage.values.matrix(at: place.offset + offset * place.width, rows: rows, columns: place.width)
  }

  /// Gradient buffer `buffer` as [rows, width].
  func valueGradient(_ buffer: Int, width: Int) -> Matrix {
    storage.valueGradients.matrix(at: buffer * plan.gradientStride + offset * width, rows: rows, columns: width)
  }

  func parameter(_ place: ParameterLayout.Place) -> Vector { storage.parameters[place.range] }
  func weight(_ place: ParameterLayout.Place) -> Matrix {
    storage.parameters.matrix(at: place.offset, rows: place.rows, columns: place.columns)
  }
  func runningStatistic(_ place: ParameterLayout.Place) -> Vector { storage.running[place.range] }
}

/// What the rows of a worker stand in, and what they are computed with.
struct RowStorage: Sendable {
  /// What stands where.
  let plan: WorkspacePlan
  let values: Vector
  let valueGradients: Vector
  /// Views of what the whole run shares; views, so that no worker counts references on another's cache line.
  let parameters: Vector
  let running: Vector
}
