import LockstepKernels
import LockstepModel

/// How far predictions of one target are from what is true, gathered sample by sample in Double.
///
/// ```
/// MAE = Σ|ŷ − y| / n     RMSE = √(Σ(ŷ − y)² / n)     R² = 1 − Σ(ŷ − y)² / Σ(y − ȳ)²
/// ```
public struct RegressionFigures: Sendable, Equatable {
  /// How many samples were evaluated.
  public private(set) var count = 0
  private var absolute = 0.0
  private var squared = 0.0
  private var mean = 0.0
  /// Σ(y − ȳ)² — Welford 1962.
  private var spread = 0.0

  package init() {}

  /// - Parameter unit: what both were divided by; figures are in the units that they had before.
  package mutating func add(true target: Float, predicted: Float, unit: Double = 1) {
    let value = Double(target) * unit
    let error = Double(predicted) * unit - value
    count += 1
    absolute += abs(error)
    squared += error * error
    let delta = value - mean
    mean += delta / Double(count)
    spread += delta * (value - mean)
  }

  /// Σ|ŷ − y| / n, in the target's unit.
  public var meanAbsoluteError: Double { absolute / Double(count) }
  /// Σ(ŷ − y)² / n, in the square of the target's unit.
  public var meanSquaredError: Double { squared / Double(count) }
  /// √(Σ(ŷ − y)² / n), in the target's unit.
  public var rootMeanSquaredError: Double { meanSquaredError.squareRoot() }
  /// 1 − Σ(ŷ − y)² / Σ(y − ȳ)². Of a target that does not vary: 1 where all predictions are right, else 0.
  public var r2: Double { spread > 0 ? 1 - squared / spread : squared == 0 ? 1 : 0 }
}

extension [RegressionFigures] {
  /// Of several targets: RMSE = √(Σₖ Σ(ŷₖ − yₖ)² / (n · targets)), the root of `mean_squared_error`, which is the mean
  /// over all elements (scikit-learn's is the mean of the roots); R² is the mean over the targets.
  var metrics: [(metric: Metric, value: Double)] {
    let targets = Double(count)
    let squared = reduce(0) { $0 + $1.meanSquaredError } / targets
    return [(.rootMeanSquaredError, squared.squareRoot()), (.r2, reduce(0) { $0 + $1.r2 } / targets)]
  }
}
