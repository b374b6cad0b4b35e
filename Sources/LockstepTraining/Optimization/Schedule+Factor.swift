import Libc
import LockstepKernels

extension Schedule {
  /// What the optimizer's learning rate is multiplied by at `step` (from 0) of a run of `horizon` steps.
  ///
  /// Beyond the horizon the value at its end holds. `plateau` is the state of `reduceOnPlateau`, unused by the others.
  public func factor(step: Int, horizon: Int, plateau: PlateauState = PlateauState()) -> Double {
    withFloatingPointEnvironment { value(step: step, horizon: horizon, plateau: plateau) }
  }

  private func value(step: Int, horizon: Int, plateau: PlateauState) -> Double {
    switch self {
    case .constant:
      return 1
    case .step(let every, let gamma):
      return pow(gamma, Double(step / every))
    case .piecewise(let boundaries, let factors):
      return factors[boundaries.firstIndex { step < $0 } ?? boundaries.count]
    case .exponential(let rate, let every):
      return pow(rate, Double(step) / Double(every))
    case .polynomial(let power, let end):
      return end + (1 - end) * pow(1 - Schedule.share(step, of: horizon), power)
    case .cosine(let warmup, let end):
      if step < warmup { return Double(step + 1) / Double(warmup) }
      return end + (1 - end) * Schedule.cosineFall(Schedule.share(step - warmup, of: horizon - warmup))
    case .oneCycle(let peak, let divide, let finalDivide):
      let (low, final) = (1 / divide, 1 / (divide * finalDivide))
      // The last step is horizon − 1, at which the way down ends.
      let (last, top) = (Double(horizon - 1), peak * Double(horizon) - 1)
      let step = min(Double(step), last)
      if top > 0, step <= top { return 1 + (low - 1) * Schedule.cosineFall(step / top) }
      // A single step that is the peak has no way down.
      return top < last ? final + (1 - final) * Schedule.cosineFall((step - top) / (last - top)) : 1
    case .reduceOnPlateau:
      return plateau.factor
    }
  }

  /// Whether the factor at a step depends on how long the run is.
  package var dependsOnHorizon: Bool {
    switch self {
    case .polynomial, .cosine, .oneCycle: true
    case .constant, .step, .piecewise, .exponential, .reduceOnPlateau: false
    }
  }

  /// step / steps, at most 1.
  private static func share(_ step: Int, of steps: Int) -> Double {
    steps <= 0 ? 1 : min(1, Double(step) / Double(steps))
  }

  /// From 1 at 0 down to 0 at 1 along half a cosine.
  private static func cosineFall(_ share: Double) -> Double { (1 + cos(Double.pi * share)) / 2 }
}
