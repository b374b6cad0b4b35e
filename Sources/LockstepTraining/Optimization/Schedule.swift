import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// The learning rate as a factor of the optimizer's, a function of the step alone. Steps count from 0; `horizon` is the
/// length of the run.
///
/// ```
/// let schedule = Schedule.cosine(warmupSteps: 100)
/// schedule.factor(step: 50, horizon: 1000)   // 0.51: half way up the warm-up
/// ```
public enum Schedule: Sendable, Equatable {
  /// 1
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

  /// A cosine that ends at 0.
  public static func cosine(warmupSteps: Int = 0) -> Schedule { .cosine(warmupSteps: warmupSteps, end: 0) }
}

extension Schedule: Declared {
  package static let noun = "schedule"

  package static let declarations: [Declaration<Schedule>] = [
    Declaration("constant", .constant, "1"), stepDeclaration, piecewiseDeclaration, exponentialDeclaration,
    polynomialDeclaration, cosineDeclaration, oneCycleDeclaration, plateauDeclaration,
  ]

  private static let stepDeclaration = Declaration<Schedule>(
    "step", .step(every: 1, gamma: 0.1), main: "every", "gamma^⌊step / every⌋",
    Setting.integer("every", .count, "steps between two changes").required,
    Setting.number("gamma", .positive, "what a change multiplies by"),
    make: { .step(every: $0, gamma: $1) },
    take: { if case .step(let every, let gamma) = $0 { (every, gamma) } else { nil } })

  private static let piecewiseDeclaration = Declaration<Schedule>(
    "piecewise", .piecewise(boundaries: [], factors: [1]), "factors[i] from boundaries[i − 1] on",
    Setting.integer("boundaries", .count, "steps from which the next factor holds").list(ListRule("a list of steps"))
      .required,
    Setting.number("factors", .nonNegative, "one more than boundaries").list(ListRule("a list of numbers"))
      .required("a list of numbers, one more than boundaries"),
    make: { .piecewise(boundaries: $0, factors: $1) },
    take: { if case .piecewise(let boundaries, let factors) = $0 { (boundaries, factors) } else { nil } },
    problems: {
      guard case .piecewise(let boundaries, let factors) = $0 else { return [] }
      var problems: [SettingProblem] = []
      if factors.count != boundaries.count + 1 {
        problems.append(
          SettingProblem(
            ["factors"], found: "\(factors.count) factors for \(boundaries.count) boundaries",
            expected: "\(boundaries.count + 1), one more than boundaries"))
      }
      for (i, boundary) in boundaries.enumerated().dropFirst() where boundary <= boundaries[i - 1] {
        problems.append(
          SettingProblem(
            ["boundaries", "\(i)"], found: "\(boundary) after \(boundaries[i - 1])", expected: "boundaries that grow"))
      }
      return problems
    })

  private static let exponentialDeclaration = Declaration<Schedule>(
    "exponential", .exponential(rate: 1, every: 1), "rate^(step / every), continuously",
    Setting.number("rate", .positive, "what `every` steps multiply by").required,
    Setting.integer("every", .count, "steps").required,
    make: { .exponential(rate: $0, every: $1) },
    take: { if case .exponential(let rate, let every) = $0 { (rate, every) } else { nil } })

  private static let polynomialDeclaration = Declaration<Schedule>(
    "polynomial", .polynomial(power: 1, end: 0), "end + (1 − end) · (1 − step / horizon)^power",
    Setting.number("power", .positive, "1 for a straight line"),
    Setting.number("end", .fraction, "the factor at the end of the run"),
    make: { .polynomial(power: $0, end: $1) },
    take: { if case .polynomial(let power, let end) = $0 { (power, end) } else { nil } })

  private static let cosineDeclaration = Declaration<Schedule>(
    "cosine", .cosine(),
    "up in a straight line over the warm-up, then end + (1 − end) · (1 + cos π t) / 2 — Loshchilov, Hutter 2016, https://arxiv.org/abs/1608.03983",
    Setting.integer("warmup_steps", .countOrZero, "steps of the way up"),
    Setting.number("end", .fraction, "the factor at the end of the run"),
    make: { .cosine(warmupSteps: $0, end: $1) },
    take: { if case .cosine(let warmup, let end) = $0 { (warmup, end) } else { nil } })

  private static let oneCycleDeclaration = Declaration<Schedule>(
    "one_cycle", .oneCycle(peak: 0.3, divide: 25, finalDivide: 10_000),
    "from 1 / divide up to 1, then down to 1 / (divide · final_divide), both by cosines — Smith, Topin 2017, https://arxiv.org/abs/1708.07120",
    Setting.number("peak", .inside, "where the factor is 1, as a share of the run"),
    Setting.number("divide", .atLeastOne, "1 / the factor of the first step"),
    Setting.number("final_divide", .atLeastOne, "by how much the last factor is below the first"),
    make: { .oneCycle(peak: $0, divide: $1, finalDivide: $2) },
    take: { if case .oneCycle(let peak, let divide, let final) = $0 { (peak, divide, final) } else { nil } })

  private static let plateauDeclaration = Declaration<Schedule>(
    "reduce_on_plateau", .reduceOnPlateau(Plateau()),
    "falls by factor when the metric has not improved for more than patience evaluations",
    Setting.word("metric", Metric.self, "the validation metric that is watched"),
    Setting.word("mode", Metric.Mode.self, "which way the metric is better").following,
    Setting.number("factor", .inside, "what the learning rate is multiplied by"),
    Setting.integer("patience", .countOrZero, "evaluations without improvement that are waited out"),
    Setting.number("threshold", .nonNegative, "the relative change that is an improvement"),
    Setting.number("minimum", .fraction, "what the factor never falls below"),
    make: {
      .reduceOnPlateau(
        Plateau(metric: $0, mode: $1, factor: $2, patience: $3, threshold: $4, minimumFactor: $5))
    },
    take: {
      guard case .reduceOnPlateau(let plateau) = $0 else { return nil }
      return (
        plateau.metric, plateau.mode, plateau.factor, plateau.patience, plateau.threshold, plateau.minimumFactor
      )
    })
}
