import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// The learning rate as a factor of the optimizer's, a function of the step alone: a warm-up, if there is one, and then
/// one of the shapes below. Steps count from 0; `horizon` is the length of the run.
///
/// With a warm-up of W steps the factor is (step + 1) / W of the shape's first one at steps 0 … W − 1, a straight line.
/// Then the shape begins, as if the run did: at step W it is that of step 0, of a run that is W steps shorter.
///
/// ```
/// let schedule = Schedule.cosine().warmedUp(over: 100)
/// schedule.factor(step: 50, horizon: 1000)   // 0.51: half way up the warm-up
/// ```
public struct Schedule: Sendable, Equatable {
  package var shape: Shape
  /// How long the learning rate grows before the shape begins; 0 steps for not at all.
  public var warmup: Interval = 0

  /// What the factor does after the warm-up; `Schedule`'s functions say what each is.
  package enum Shape: Sendable, Equatable {
    case constant
    case step(every: Interval, gamma: Double)
    case piecewise(boundaries: [Interval], factors: [Double])
    case exponential(rate: Double, every: Interval)
    case polynomial(power: Double, end: Double)
    case cosine(end: Double)
    case cosineRestarts(period: Interval, multiplier: Int, end: Double, decay: Double)
    case oneCycle(peak: Double, divide: Double, finalDivide: Double)
    case reduceOnPlateau(Plateau)
  }

  /// The same schedule after a warm-up: the learning rate grows in a straight line — Goyal et al. 2017,
  /// https://arxiv.org/abs/1706.02677
  public func warmedUp(over warmup: Interval) -> Schedule { Schedule(shape: shape, warmup: warmup) }
}

extension Schedule {
  /// 1
  public static let constant = Schedule(shape: .constant)

  /// gamma^⌊step / every⌋
  public static func step(every: Interval, gamma: Double = 0.1) -> Schedule {
    Schedule(shape: .step(every: every, gamma: gamma))
  }

  /// factors[i] from boundaries[i − 1] on; there is one factor more than boundaries.
  public static func piecewise(boundaries: [Interval], factors: [Double]) -> Schedule {
    Schedule(shape: .piecewise(boundaries: boundaries, factors: factors))
  }

  /// rate^(step / every), continuously
  public static func exponential(rate: Double, every: Interval) -> Schedule {
    Schedule(shape: .exponential(rate: rate, every: every))
  }

  /// end + (1 − end) · (1 − step / horizon)^power
  public static func polynomial(power: Double = 1, end: Double = 0) -> Schedule {
    Schedule(shape: .polynomial(power: power, end: end))
  }

  /// end + (1 − end) · (1 + cos(π · step / horizon)) / 2 — Loshchilov, Hutter 2016, https://arxiv.org/abs/1608.03983
  public static func cosine(end: Double = 0) -> Schedule { Schedule(shape: .cosine(end: end)) }

  /// A cosine that falls again and again. Period i, from 0, has period · multiplierⁱ steps; step t of its T has
  ///
  /// ```
  /// end + (1 − end) · decayⁱ · (1 + cos(π · t / T)) / 2
  /// ```
  ///
  /// as PyTorch's `CosineAnnealingWarmRestarts`, and with a `decay` as Keras's `CosineDecayRestarts` — Loshchilov,
  /// Hutter 2016, https://arxiv.org/abs/1608.03983
  public static func cosineRestarts(
    period: Interval, multiplier: Int = 1, end: Double = 0, decay: Double = 1
  ) -> Schedule {
    Schedule(shape: .cosineRestarts(period: period, multiplier: multiplier, end: end, decay: decay))
  }

  /// From 1 / divide at the first step up to 1 at step peak · horizon − 1, then down to 1 / (divide · finalDivide) at
  /// the last, horizon − 1, both by cosines, as PyTorch's `OneCycleLR` — Smith, Topin 2017,
  /// https://arxiv.org/abs/1708.07120
  public static func oneCycle(
    peak: Double = 0.3, divide: Double = 25, finalDivide: Double = 10_000
  ) -> Schedule {
    Schedule(shape: .oneCycle(peak: peak, divide: divide, finalDivide: finalDivide))
  }

  /// The factor falls by `factor` when the watched validation metric has not improved for more than `patience`
  /// evaluations; see `Plateau`. Evaluations before the end of a warm-up are not looked at.
  public static func reduceOnPlateau(_ plateau: Plateau) -> Schedule { Schedule(shape: .reduceOnPlateau(plateau)) }
}

extension Schedule: Declared {
  package static let noun = "schedule"

  package static let declarations: [Declaration<Schedule>] = [
    constantDeclaration, stepDeclaration, piecewiseDeclaration, exponentialDeclaration, polynomialDeclaration,
    cosineDeclaration, cosineRestartsDeclaration, oneCycleDeclaration, plateauDeclaration,
  ]

  /// Every schedule takes it.
  private static let warmupSetting = Setting.interval(
    "warmup", .countOrZero, "how long the learning rate grows in a straight line before the schedule begins"
  ).formerly("warmup_steps").following

  private init(_ shape: Shape, _ warmup: Interval?) { (self.shape, self.warmup) = (shape, warmup ?? 0) }

  /// As it is written: not at all where there is none.
  private var writtenWarmup: Interval? { warmup.count == 0 ? nil : warmup }

  private static let constantDeclaration = Declaration<Schedule>(
    "constant", .constant, "1", warmupSetting,
    make: { Schedule(.constant, $0) },
    take: { if case .constant = $0.shape { .some($0.writtenWarmup) } else { nil } })

  private static let stepDeclaration = Declaration<Schedule>(
    "step", .step(every: 1), main: "every", "gamma^⌊step / every⌋",
    Setting.interval("every", .count, "from one change to the next").required,
    Setting.number("gamma", .positive, "what a change multiplies by"), warmupSetting,
    make: { Schedule(.step(every: $0, gamma: $1), $2) },
    take: { if case .step(let every, let gamma) = $0.shape { (every, gamma, $0.writtenWarmup) } else { nil } })

  private static let piecewiseDeclaration = Declaration<Schedule>(
    "piecewise", .piecewise(boundaries: [], factors: [1]), "factors[i] from boundaries[i − 1] on",
    Setting.interval("boundaries", .count, "where the next factor begins").list(ListRule("a list of steps"))
      .required,
    Setting.number("factors", .nonNegative, "one more than boundaries").list(ListRule("a list of numbers"))
      .required("a list of numbers, one more than boundaries"), warmupSetting,
    make: { Schedule(.piecewise(boundaries: $0, factors: $1), $2) },
    take: {
      guard case .piecewise(let boundaries, let factors) = $0.shape else { return nil }
      return (boundaries, factors, $0.writtenWarmup)
    },
    problems: {
      guard case .piecewise(let boundaries, let factors) = $0.shape else { return [] }
      var problems: [SettingProblem] = []
      if factors.count != boundaries.count + 1 {
        problems.append(
          SettingProblem(
            ["factors"], found: "\(factors.count) factors for \(boundaries.count) boundaries",
            expected: "\(boundaries.count + 1), one more than boundaries"))
      }
      // Steps and epochs are compared where it is known how many steps an epoch has.
      for (i, boundary) in boundaries.enumerated().dropFirst()
      where boundary.unit == boundaries[i - 1].unit && boundary.count <= boundaries[i - 1].count {
        problems.append(
          SettingProblem(
            ["boundaries", "\(i)"], found: "\(boundary.count) after \(boundaries[i - 1].count)",
            expected: "boundaries that grow"))
      }
      return problems
    })

  private static let exponentialDeclaration = Declaration<Schedule>(
    "exponential", .exponential(rate: 1, every: 1), "rate^(step / every), continuously",
    Setting.number("rate", .positive, "what `every` multiplies by").required,
    Setting.interval("every", .count, "how long that takes").required, warmupSetting,
    make: { Schedule(.exponential(rate: $0, every: $1), $2) },
    take: { if case .exponential(let rate, let every) = $0.shape { (rate, every, $0.writtenWarmup) } else { nil } })

  private static let polynomialDeclaration = Declaration<Schedule>(
    "polynomial", .polynomial(), "end + (1 − end) · (1 − step / horizon)^power",
    Setting.number("power", .positive, "1 for a straight line"),
    Setting.number("end", .fraction, "the factor at the end of the run"), warmupSetting,
    make: { Schedule(.polynomial(power: $0, end: $1), $2) },
    take: { if case .polynomial(let power, let end) = $0.shape { (power, end, $0.writtenWarmup) } else { nil } })

  private static let cosineDeclaration = Declaration<Schedule>(
    "cosine", .cosine(),
    "end + (1 − end) · (1 + cos(π · step / horizon)) / 2 — Loshchilov, Hutter 2016, https://arxiv.org/abs/1608.03983",
    Setting.number("end", .fraction, "the factor at the end of the run"), warmupSetting,
    make: { Schedule(.cosine(end: $0), $1) },
    take: { if case .cosine(let end) = $0.shape { (end, $0.writtenWarmup) } else { nil } })

  private static let cosineRestartsDeclaration = Declaration<Schedule>(
    "cosine_restarts", .cosineRestarts(period: 1), main: "period",
    "end + (1 − end) · decayⁱ · (1 + cos(π · t / T)) / 2 at step t of period i, from 0, of T = period · multiplierⁱ steps — Loshchilov, Hutter 2016, https://arxiv.org/abs/1608.03983",
    Setting.interval("period", .count, "from the beginning to the first restart").required,
    Setting.integer("multiplier", IntegerRule(1...1000), "how many times longer each period is than the one before"),
    Setting.number("end", .fraction, "the factor at the end of a period"),
    Setting.number("decay", .share, "what each restart multiplies the height of the peak above the end by"),
    warmupSetting,
    make: { Schedule(.cosineRestarts(period: $0, multiplier: $1, end: $2, decay: $3), $4) },
    take: {
      guard case .cosineRestarts(let period, let multiplier, let end, let decay) = $0.shape else { return nil }
      return (period, multiplier, end, decay, $0.writtenWarmup)
    })

  private static let oneCycleDeclaration = Declaration<Schedule>(
    "one_cycle", .oneCycle(),
    "from 1 / divide up to 1, then down to 1 / (divide · final_divide), both by cosines — Smith, Topin 2017, https://arxiv.org/abs/1708.07120",
    Setting.number("peak", .inside, "where the factor is 1, as a share of the run"),
    Setting.number("divide", .atLeastOne, "1 / the factor of the first step"),
    Setting.number("final_divide", .atLeastOne, "by how much the last factor is below the first"), warmupSetting,
    make: { Schedule(.oneCycle(peak: $0, divide: $1, finalDivide: $2), $3) },
    take: {
      guard case .oneCycle(let peak, let divide, let final) = $0.shape else { return nil }
      return (peak, divide, final, $0.writtenWarmup)
    })

  private static let plateauDeclaration = Declaration<Schedule>(
    "reduce_on_plateau", .reduceOnPlateau(Plateau()),
    "falls by factor when the metric has not improved for more than patience evaluations",
    Setting.word("metric", Metric.self, "the validation metric that is watched"),
    Setting.word("mode", Metric.Mode.self, "which way the metric is better").following,
    Setting.number("factor", .inside, "what the learning rate is multiplied by"),
    Setting.integer("patience", .countOrZero, "evaluations without improvement that are waited out"),
    Setting.integer("cooldown", .countOrZero, "evaluations after a fall in which no waiting is counted"),
    Setting.number("threshold", .nonNegative, "the change that is an improvement"),
    Setting.word("threshold_mode", Plateau.ThresholdMode.self, "whether that is a share of the best, or a difference"),
    Setting.number("minimum", .fraction, "what the factor never falls below"), warmupSetting,
    make: {
      let plateau = Plateau(
        metric: $0, mode: $1, factor: $2, patience: $3, cooldown: $4, threshold: $5, thresholdMode: $6,
        minimumFactor: $7)
      return Schedule(.reduceOnPlateau(plateau), $8)
    },
    take: {
      guard case .reduceOnPlateau(let plateau) = $0.shape else { return nil }
      return (
        plateau.metric, plateau.mode, plateau.factor, plateau.patience, plateau.cooldown, plateau.threshold,
        plateau.thresholdMode, plateau.minimumFactor, $0.writtenWarmup
      )
    })
}
