import LockstepDeclarations
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// The largest eigenvalue λ of the Hessian of a batch's loss, by power iteration; products with the Hessian are central
/// differences of gradients, H v ≈ (g(w + ε v) − g(w − ε v)) / 2ε.
///
/// Where the optimizer divides each parameter's step by a number of its own, dₖ, λ is that of D⁻¹ H — Cohen et al.
/// 2022, https://arxiv.org/abs/2207.14484
struct Sharpness {
  /// λ
  let eigenvalue: Double
  /// Products with the Hessian that it took.
  let iterations: Int

  /// Iterations at most; λ is within a percent or so long before. A network that takes long has fewer, which find
  /// somewhat less than λ, never more.
  private static let (fewest, most) = (4, 20)

  /// - Parameters:
  ///   - weights: where the loss is looked at.
  ///   - divisors: D, all above 0, infinite where nothing moves; nil for 1.
  init(_ probe: GradientProbe, at weights: [Float], divisors: [Float]?) throws(TrainingError) {
    let first = try Self.iterate(probe, weights, divisors, shift: 0)
    // The largest of all magnitudes may be that of a direction that bends downwards: less that, it is the other end of
    // the spectrum that is far from 0.
    let second = first.value < 0 ? try Self.iterate(probe, weights, divisors, shift: first.value) : nil
    eigenvalue = second.map { $0.value + first.value } ?? first.value
    iterations = first.count + (second?.count ?? 0)
  }

  /// The eigenvalue of D⁻¹ H − shift that is largest in magnitude.
  private static func iterate(
    _ probe: GradientProbe, _ weights: [Float], _ divisors: [Float]?, shift: Double
  ) throws(TrainingError) -> (value: Double, count: Int) {
    let gradient = try probe.look(at: weights).gradient
    // Steep directions are where the gradient lies; a start of its own for every place keeps any direction possible.
    let length = max(Flat.norm(gradient), .leastNormalMagnitude)
    var direction = gradient.indices.map { place in
      divisors?[place] == .infinity ? 0 : Float(Double(gradient[place]) / length) + (place % 2 == 0 ? 1e-3 : -1e-3)
    }
    let scale = max(1e-3, Flat.norm(weights))
    var (found, count) = (0.0, 0)
    for iteration in 1...FirstSteps.steps(of: probe.trainer, fewest: 2 * fewest, most: 2 * most) / 2 {
      // Unit length in the measure of D, in which D⁻¹ H is symmetric.
      let norm = norm(direction, divisors)
      guard norm > 0, norm.isFinite else { break }
      let unit = direction.map { Float(Double($0) / norm) }
      let epsilon = 1e-3 * scale / max(Flat.norm(unit), .leastNormalMagnitude)
      func gradient(_ sign: Double) throws(TrainingError) -> [Float] {
        var moved = weights
        for place in moved.indices { moved[place] += Float(sign * epsilon) * unit[place] }
        return try probe.look(at: moved).gradient
      }
      let (ahead, behind) = (try gradient(1), try gradient(-1))
      let product = zip(ahead, behind).map { (Double($0) - Double($1)) / (2 * epsilon) }
      // vᵀ D (D⁻¹ H) v, of a v of unit length.
      let value = zip(unit, product).reduce(0) { $0 + Double($1.0) * $1.1 } - shift
      direction = product.indices.map { place in
        let divisor = divisors?[place] ?? 1
        return divisor.isFinite ? Float(product[place] / Double(divisor) - shift * Double(unit[place])) : 0
      }
      let change = (value - found).magnitude
      (found, count) = (value, iteration)
      if iteration > 3, change < 0.01 * value.magnitude { break }
    }
    return (found, count)
  }

  private static func norm(_ direction: [Float], _ divisors: [Float]?) -> Double {
    guard let divisors else { return Flat.norm(direction) }
    return zip(direction, divisors).reduce(0) { sum, pair in
      pair.0 == 0 ? sum : sum + Double(pair.0) * Double(pair.0) * Double(pair.1)
    }.squareRoot()
  }
}

/// Up to which λ · rate an optimizer comes down on a parabola, and what it divides steps by.
struct Stability {
  /// 2 for plain gradient descent.
  let bound: Double
  /// In the order of the trained tensors; nil for 1.
  let divisors: [Float]?

  /// Nil for an optimizer that divides by what it has not met yet.
  init?(_ trainer: Trainer) {
    let updates = trainer.state.optimizer.updates
    let descent = trainer.optimizer.descent(updates: updates)
    bound = descent.bound
    if descent.divisor != nil, updates == 0 { return nil }
    divisors = descent.divisor.map { Self.divisors(trainer, $0.slot, $0.of) }
  }

  /// What the optimizer divides each parameter's step by, from what it keeps of its gradients. What never had one does
  /// not move, however small its divisor.
  private static func divisors(_ trainer: Trainer, _ slot: String, _ divisor: (Double) -> Double) -> [Float] {
    let names = Set(trainer.gradients.map { "optimizer.\(slot).\($0.name)" })
    return trainer.tensors.filter { names.contains($0.name) }.flatMap { tensor in
      tensor.values.array.map { $0 == 0 ? .infinity : Float(divisor(Double($0))) }
    }
  }
}

extension Check {
  /// The learning rate against the curvature of the loss.
  ///
  /// - Parameters:
  ///   - rate: of the last step.
  ///   - stability: nil where the optimizer's bound is not known; the figure is then that of plain descent.
  static func sharpness(_ sharpness: Sharpness, rate: Double, _ stability: Stability?, _ optimizer: Optimizer) -> Check
  {
    let product = sharpness.eigenvalue * rate
    let figures = [
      Figure("rate_times_eigenvalue", product), Figure("bound", stability?.bound),
      Figure("eigenvalue", sharpness.eigenvalue), Figure("rate", rate),
    ]
    guard let stability else {
      return Check(
        .sharpness, .skipped, figures,
        "The largest eigenvalue of the Hessian is \(Format.significant(sharpness.eigenvalue, 3)); up to which learning rate \(optimizer.name) is stable there is not known."
      )
    }
    let ratio = product / stability.bound
    let words =
      "The learning rate times the largest eigenvalue of the Hessian\(stability.divisors == nil ? "" : ", as \(optimizer.name) scales it,") is \(Format.significant(product, 3)); on a parabola \(optimizer.name) is stable below \(Format.significant(stability.bound, 3))"
    let remedy =
      "Take a smaller learning rate (lockstep find-lr), or a warm-up: the loss is steeper here than further on."
    if ratio > 2 {
      // Beyond twice the bound not even a catapult lands — Lewkowycz et al. 2020, https://arxiv.org/abs/2003.02218. An
      // adaptive optimizer's divisors follow what happens.
      return Check(.sharpness, stability.divisors == nil ? .fault : .noted, figures, "\(words).", remedy: remedy)
    }
    if ratio > 1.2 { return Check(.sharpness, .noted, figures, "\(words).", remedy: remedy) }
    return Check(.sharpness, .passed, figures, "\(words).")
  }
}
