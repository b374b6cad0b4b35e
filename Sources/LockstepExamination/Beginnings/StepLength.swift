import LockstepFormats
import LockstepTraining

/// Where on the parabola along its direction a step lands — Schneider, Dangel, Hennig 2021 (Cockpit),
/// https://arxiv.org/abs/2102.06604
///
/// The loss of the step's own batch and its slope along the step are taken at both ends, τ = 0 and 1; the parabola
/// a + bτ + cτ² is the one that fits all four best, and τ* = −b / 2c its lowest point:
///
/// ```
/// α = 1 / τ* − 1        −1: has not moved · 0: the lowest point · 1: as far behind it, as high as before
/// ```
struct StepLength {
  /// α; of a parabola that bends downwards 2c / b − 1, at most 0: how much steeper the slope gets tells how far the
  /// step goes.
  let alpha: Double

  /// - Parameters:
  ///   - loss: at the beginning and at the end.
  ///   - slope: gradient times step, there and there.
  init(loss: (Double, Double), slope: (Double, Double)) {
    // Least squares of a = f₀, a + b + c = f₁, b = s₀, b + 2c = s₁: the best a leaves ½ (b + c − rise)² of the first
    // two. A rise near the last place of float32 says nothing: then the slopes alone.
    let rise = loss.1 - loss.0
    let weight = rise.magnitude > 1e-5 * loss.0.magnitude ? 0.5 : 0
    let (bb, bc, cc) = (weight + 2, weight + 2, weight + 4)
    let (b1, c1) = (weight * rise + slope.0 + slope.1, weight * rise + 2 * slope.1)
    let determinant = bb * cc - bc * bc
    let b = (b1 * cc - c1 * bc) / determinant
    let c = (c1 * bb - b1 * bc) / determinant
    // Uphill from the beginning: the lowest point lies behind.
    alpha = b >= 0 ? .infinity : c > 0 ? -2 * c / b - 1 : min(0, 2 * c / b - 1)
  }
}

extension Check {
  /// Where steps land.
  ///
  /// - Parameters:
  ///   - alphas: of some steps.
  ///   - factor: what the schedule left of the learning rate at the last of them.
  ///   - isNoise: whether a step is mostly noise, of which its own batch says more than any other.
  static func stepLength(_ alphas: [Double], factor: Double, isNoise: Bool) -> Check {
    if alphas.count < 3 {
      return Check(.stepLength, .skipped, [], "Too few steps were made before all was learned.")
    }
    let sorted = alphas.sorted()
    let middle = sorted[sorted.count / 2]
    let beyond = Double(alphas.count { $0 > 1 }) / Double(alphas.count)
    let figures = [
      Figure("alpha", middle), Figure("beyond", beyond), Figure("steps", Double(alphas.count)),
      Figure("learning_rate_factor", factor),
    ]
    let place = middle.isFinite ? Format.signed(middle, 3) : "nowhere, for it goes uphill"
    let words =
      "In the middle of \(alphas.count) steps α is \(place); −1 has not moved, 0 is the lowest point along the step, 1 as high as before"
    if middle > 1 {
      return Check(
        .stepLength, isNoise || middle < 2 ? .noted : .fault, figures, "\(words).",
        remedy:
          "Steps overshoot so far that the loss of their own batch rises: take a smaller learning rate (lockstep find-lr)."
      )
    }
    if middle < -0.999, factor >= 0.1 {
      return Check(
        .stepLength, .fault, figures, "\(words).",
        remedy: "Steps go a thousandth of the way: take a larger learning rate (lockstep find-lr).")
    }
    if middle < -0.99, factor >= 0.1 {
      return Check(
        .stepLength, .noted, figures, "\(words).",
        remedy: "Steps go a hundredth of the way: a larger learning rate may be faster (lockstep find-lr).")
    }
    return Check(.stepLength, .passed, figures, "\(words).")
  }
}
