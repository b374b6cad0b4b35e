import LockstepDeclarations
import LockstepKernels

extension Schedule {
  /// What the optimizer's learning rate is multiplied by at `step` (from 0) of a run of `horizon` steps.
  ///
  /// Beyond the horizon the value at its end holds.
  ///
  /// - Parameters:
  ///   - stepsPerEpoch: needed where something is given in epochs.
  ///   - plateau: the state of `reduceOnPlateau`, unused by the others.
  public func factor(
    step: Int, horizon: Int, stepsPerEpoch: Int? = nil, plateau: PlateauState = PlateauState()
  ) -> Double {
    withFloatingPointEnvironment {
      let warmup = warmup.steps(ofEpoch: stepsPerEpoch)
      let rest = horizon - warmup
      if step < warmup {
        let first = shape.factor(step: 0, horizon: max(1, rest), stepsPerEpoch, plateau)
        return Double(step + 1) / Double(warmup) * first
      }
      return shape.factor(step: step - warmup, horizon: rest, stepsPerEpoch, plateau)
    }
  }

  /// Whether the factor at a step depends on how long the run is.
  package var dependsOnHorizon: Bool {
    switch shape {
    case .polynomial, .cosine, .oneCycle: true
    case .constant, .step, .piecewise, .exponential, .cosineRestarts, .reduceOnPlateau: false
    }
  }
}

extension Schedule.Shape {
  fileprivate func factor(step: Int, horizon: Int, _ stepsPerEpoch: Int?, _ plateau: PlateauState) -> Double {
    func steps(_ interval: Interval) -> Int { interval.steps(ofEpoch: stepsPerEpoch) }
    switch self {
    case .constant:
      return 1
    case .step(let every, let gamma):
      return Scalar.pow(gamma, Double(step / steps(every)))
    case .piecewise(let boundaries, let factors):
      return factors[boundaries.firstIndex { step < steps($0) } ?? boundaries.count]
    case .exponential(let rate, let every):
      return Scalar.pow(rate, Double(step) / Double(steps(every)))
    case .polynomial(let power, let end):
      return end + (1 - end) * Scalar.pow(1 - Self.share(step, of: horizon), power)
    case .cosine(let end):
      return end + (1 - end) * Self.cosineFall(Self.share(step, of: horizon))
    case .cosineRestarts(let period, let multiplier, let end, let decay):
      let (restarts, share) = Self.place(step, inPeriodsOf: steps(period), times: multiplier)
      return end + (1 - end) * Scalar.pow(decay, Double(restarts)) * Self.cosineFall(share)
    case .oneCycle(let peak, let divide, let finalDivide):
      let (low, final) = (1 / divide, 1 / (divide * finalDivide))
      // The last step is horizon − 1, at which the way down ends.
      let (last, top) = (Double(horizon - 1), peak * Double(horizon) - 1)
      let step = min(Double(step), last)
      if top > 0, step <= top { return 1 + (low - 1) * Self.cosineFall(step / top) }
      // A single step that is the peak has no way down.
      return top < last ? final + (1 - final) * Self.cosineFall((step - top) / (last - top)) : 1
    case .reduceOnPlateau:
      return plateau.factor
    }
  }

  /// How many periods a step comes after, of which each is `multiplier` times as long as the one before, and what share
  /// of its own is over.
  private static func place(
    _ step: Int, inPeriodsOf period: Int, times multiplier: Int
  ) -> (restarts: Int, share: Double) {
    if multiplier == 1 { return (step / period, Double(step % period) / Double(period)) }
    var (restarts, length, rest) = (0, period, step)
    while rest >= length {
      rest -= length
      restarts += 1
      let (next, overflow) = length.multipliedReportingOverflow(by: multiplier)
      length = overflow ? .max : next
    }
    return (restarts, Double(rest) / Double(length))
  }

  /// step / steps, at most 1.
  private static func share(_ step: Int, of steps: Int) -> Double {
    steps <= 0 ? 1 : min(1, Double(step) / Double(steps))
  }

  /// From 1 at 0 down to 0 at 1 along half a cosine.
  private static func cosineFall(_ share: Double) -> Double { (1 + Scalar.cos(Double.pi * share)) / 2 }
}
