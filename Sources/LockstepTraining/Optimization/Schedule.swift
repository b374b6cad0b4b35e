/// The learning rate as a factor of the optimizer's, a function of the step alone. Steps count from 0; `horizon` is the
/// length of the run.
///
/// ```
/// let schedule = Schedule.cosine(warmupSteps: 100)
/// schedule.factor(step: 50, horizon: 1000)   // 0.51: half way up the warm-up
/// ```
public enum Schedule: Sendable, Equatable {
  case constant
  /// gamma^⌊step / every⌋
  case step(every: Int, gamma: Double)
  /// factors[i] from boundaries[i − 1] on; there is one factor more than boundaries.
  case piecewise(boundaries: [Int], factors: [Double])
  /// rate^(step / every), continuously
  case exponential(rate: Double, every: Int)
  /// end + (1 − end) · (1 − step / horizon)^power
  case polynomial(power: Double, end: Double)
  /// Up in a straight line over the warm-up, then end + (1 − end) · (1 + cos π·t) / 2 — Loshchilov, Hutter 2016,
  /// https://arxiv.org/abs/1608.03983
  case cosine(warmupSteps: Int, end: Double)
  /// From 1 / divide at the first step up to 1 at step peak · horizon − 1, then down to 1 / (divide · finalDivide) at
  /// the last, horizon − 1, both by cosines, as PyTorch's `OneCycleLR` — Smith, Topin 2017,
  /// https://arxiv.org/abs/1708.07120
  case oneCycle(peak: Double, divide: Double, finalDivide: Double)
  /// The factor falls by `factor` when the watched validation metric has not improved for `patience` evaluations; see
  /// `Plateau`.
  case reduceOnPlateau(Plateau)

  public static func cosine(warmupSteps: Int = 0) -> Schedule { .cosine(warmupSteps: warmupSteps, end: 0) }
}
