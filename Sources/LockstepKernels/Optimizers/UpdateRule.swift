/// What an optimizer remembers beside its slots; part of every checkpoint.
public struct OptimizerProgress: Sendable, Equatable {
  /// Updates applied so far. A skipped step is none.
  public var updates: Int
  /// Π μₜ of NAdam over the updates so far; 1 for other optimizers.
  public var momentumProduct: Double

  /// No update applied, unless it is said otherwise.
  public init(updates: Int = 0, momentumProduct: Double = 1) {
    self.updates = updates
    self.momentumProduct = momentumProduct
  }
}

/// The numbers of one update that depend on the step alone.
package struct UpdateRates: Sendable {
  /// The learning rate after bias correction.
  package var rate: Float
  /// What multiplies the gradient itself, beside the first moment.
  package var gradientRate: Float = 0
  /// What multiplies the root of the second moment.
  package var rootCorrection: Float = 1
}

/// An optimizer's slots over a slice of the parameters, as many as it has.
package struct UpdateSlots {
  var first: Vector?
  var second: Vector?
}

/// The fraction by which a parameter moves: its numerator at most, its denominator at least.
package struct UpdateFraction {
  var numerator: Double
  var denominator = 1.0
}

/// One update: an optimizer, and the numbers of the step.
package struct UpdateRule: Sendable {
  package let formula: any OptimizerFormula
  /// The learning rate of this step, before any bias correction.
  package let learningRate: Double
  package let rates: UpdateRates
  /// With this update counted, before its rates were worked out.
  private let progress: OptimizerProgress

  init(formula: any OptimizerFormula, learningRate: Double, progress: inout OptimizerProgress) {
    (self.formula, self.learningRate, self.progress) = (formula, learningRate, progress)
    rates = formula.rates(at: learningRate, &progress)
  }

  /// The same update with the learning rate times `factor`; as with every rate, what follows from it is worked out in
  /// Double and rounded once.
  package func scaled(by factor: Double) -> UpdateRule {
    var progress = progress
    return UpdateRule(formula: formula, learningRate: learningRate * factor, progress: &progress)
  }

  /// Updates a slice. `first` and `second` are the optimizer's slots over the same slice, as many as it has.
  package func apply(to parameter: Vector, gradient: Vector, first: Vector?, second: Vector?, keep: Float) {
    formula.update(
      parameter, gradient: gradient, slots: UpdateSlots(first: first, second: second), keep: keep, rates)
    guard progress.updates % Self.updatesBetweenFlushes == 0 else { return }
    UpdateKernels.flush(parameter)
    if let first { UpdateKernels.flush(first) }
    if let second { UpdateKernels.flush(second) }
  }

  /// Moments and weights that nothing feeds any more fade to denormals, with which some processors are slow. They are
  /// set to 0 now and then: the updates that do so follow from their count alone.
  package static let updatesBetweenFlushes = 64
}

extension Optimizer {
  /// - Parameters:
  ///   - factor: the schedule's.
  ///   - progress: before this update; taken on by one.
  package func rule(factor: Double, progress: inout OptimizerProgress) -> UpdateRule {
    progress.updates += 1
    return UpdateRule(formula: formula, learningRate: learningRate * factor, progress: &progress)
  }
}
