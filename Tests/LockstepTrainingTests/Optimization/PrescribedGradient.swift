import LockstepKernels
import LockstepModel
import LockstepTraining

/// A trainer whose gradients a test sets: one dense layer under the mean absolute error, with targets far below every
/// output.
///
/// The slope of |d| is then 1 everywhere, so the gradient of a weight is the mean of its input over the rows, divided
/// by the number of units, and that of a bias 1 / units: the real way from the shards to the updated parameters, with
/// known gradients.
struct PrescribedGradient {
  let trainer: Trainer
  let inputs: Int
  let units: Int
  private let data: ScriptedData
  private let rows: Int

  init(
    inputs: Int, units: Int = 1, bias: Bool = false, rows: Int = 1, shards: Int = 1, threads: Int = 1,
    optimizer: Optimizer,
    regularization: Regularization = .none, clip: GradientClip? = nil, schedule: Schedule = .constant,
    horizon: Int? = nil, weightAverage: WeightAverage? = nil
  ) throws {
    (self.inputs, self.units, self.rows) = (inputs, units, rows)
    trainer = try Trainer(
      Model(features: inputs) { Dense(units, bias: bias) }, loss: .meanAbsoluteError, optimizer: optimizer,
      options: Trainer.Options(
        batch: rows, shards: shards, threads: .count(threads), regularization: regularization, clip: clip,
        schedule: schedule,
        horizon: horizon, weightAverage: weightAverage))
    data = ScriptedData(rows: rows, features: inputs, task: .regression(targets: units))
    try trainer.attach(data)
  }

  /// One step with the gradient `x` / units for the weights of every unit; x has a value an input, equal in all rows.
  @discardableResult
  func step(_ x: [Float]) throws -> StepResult {
    data.prepare(
      trainer, x: (0..<rows).flatMap { _ in x }, y: [Float](repeating: -1e30, count: rows * units))
    return try trainer.step()
  }

  var weight: Vector { trainer.tensors[0].values }
  var bias: Vector { trainer.tensors[1].values }
}
