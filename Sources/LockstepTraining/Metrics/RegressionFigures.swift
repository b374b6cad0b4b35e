/// How far predictions of one target are from what is true, gathered sample by sample in Double.
///
/// ```
/// MAE = Σ|ŷ − y| / n     RMSE = √(Σ(ŷ − y)² / n)     R² = 1 − Σ(ŷ − y)² / Σ(y − ȳ)²
/// ```
public struct RegressionFigures: Sendable, Equatable {
  public private(set) var count = 0
  private var absolute = 0.0
  private var squared = 0.0
  private var mean = 0.0
  /// Σ(y − ȳ)² — Welford 1962.
  private var spread = 0.0

  public init() {}

  public mutating func add(true target: Float, predicted: Float) {
    let (value, error) = (Double(target), Double(predicted) - Double(target))
    count += 1
    absolute += abs(error)
    squared += error * error
    let delta = value - mean
    mean += delta / Double(count)
    spread += delta * (value - mean)
  }

  public var meanAbsoluteError: Double { absolute / Double(count) }
  public var rootMeanSquaredError: Double { (squared / Double(count)).squareRoot() }
  /// 1 for perfect predictions of a target that does not vary, 0 for others of it.
  public var r2: Double { spread > 0 ? 1 - squared / spread : squared == 0 ? 1 : 0 }
}
