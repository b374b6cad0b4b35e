import LockstepDeclarations

/// The rule by which a gradient changes the parameters, after PyTorch's implementations: `.sgd(learningRate: 0.1)`,
/// `.adam()`. In the formulas p is a parameter, g its gradient, rate the learning rate of the step.
public struct Optimizer: Sendable, Equatable {
  package internal(set) var formula: any OptimizerFormula

  init(_ formula: any OptimizerFormula) { self.formula = formula }

  /// Whether it is the same rule with the same settings.
  public static func == (a: Optimizer, b: Optimizer) -> Bool { a.declared == b.declared }

  /// The name in configurations, such as `adam`.
  public var name: String { declared.name }

  /// The learning rate before the schedule's factor.
  public var learningRate: Double { formula.learningRate }

  /// This rule with another learning rate.
  public func with(learningRate: Double) -> Optimizer {
    var optimizer = self
    optimizer.formula.learningRate = learningRate
    return optimizer
  }

  /// The names of its slots, each an arena in the layout of the parameters.
  package var slots: [String] { formula.slots }

  /// Whether weight decay given with the optimizer acts on the weights themselves.
  package var decouplesWeightDecay: Bool { formula.decouplesWeightDecay }

  /// How it comes down on a parabola after so many updates.
  package func descent(updates: Int) -> Descent { formula.descent(updates: Double(updates)) }
}

/// How an optimizer comes down on a parabola of the curvature λ: as long as rate · λ / D is below `bound`, D what it
/// divides a parameter's step by. docs/checks/sharpness.md derives the bounds, from where the roots of the recurrence
/// leave the unit circle.
package struct Descent: Sendable {
  /// 2 for plain gradient descent.
  package var bound: Double
  /// The slot of which D is made, and how; nil where D is 1.
  package var divisor: (slot: String, of: @Sendable (Double) -> Double)?
}

extension Optimizer: Declared {
  package static let noun = "optimizer"

  package static let declarations: [Declaration<Optimizer>] = [
    SGD.declaration, Adagrad.declaration, RMSProp.declaration, Adam.declaration, AdamW.declaration, NAdam.declaration,
    AdaMax.declaration,
  ]

  /// Each with its settings at their defaults.
  package static let all: [Optimizer] = declarations.map(\.standard)
}

/// What one optimizer is.
package protocol OptimizerFormula: Sendable {
  static var declaration: Declaration<Optimizer> { get }
  var learningRate: Double { get set }
  /// The names of its slots, in the order in which they are given to `update`.
  var slots: [String] { get }
  var decouplesWeightDecay: Bool { get }

  /// The numbers of an update that depend on the step alone, worked out in Double once a step.
  ///
  /// - Parameters:
  ///   - rate: the learning rate of this step.
  ///   - progress: with this update counted.
  func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates

  /// Changes a slice of the parameters.
  ///
  /// - Parameters:
  ///   - slots: over the same slice.
  ///   - keep: what decoupled weight decay leaves of a parameter.
  func update(_ parameter: Vector, gradient: Vector, slots: UpdateSlots, keep: Float, _ rates: UpdateRates)

  /// The same update in Double and in plain loops, which `update` is tested against.
  ///
  /// - Parameters:
  ///   - state: with this update counted.
  ///   - rate: the learning rate of this update.
  ///   - decay: of the decoupled weight decay.
  func reference(_ state: inout Reference.OptimizerState, gradient: [Double], rate: Double, decay: Double)

  /// How it comes down on a parabola after so many updates.
  func descent(updates: Double) -> Descent

  /// How large the slots may be after an update by a gradient of at most `gradient`, and the fraction by which a
  /// parameter then moves: its numerator at most, its denominator at least.
  func bound(_ bounds: inout UpdateBounds, gradient: Double, _ rates: UpdateRates) -> UpdateFraction
}

extension OptimizerFormula {
  package var decouplesWeightDecay: Bool { false }

  package func rates(at rate: Double, _ progress: inout OptimizerProgress) -> UpdateRates {
    UpdateRates(rate: Float(rate))
  }
}

extension Setting where Value == Double {
  static let learningRate = Setting.number("learning_rate", .positiveSingle, "what a schedule's factor multiplies")
  static let epsilon = Setting.number("epsilon", .positiveSingle, "what is added to the denominator")
  static let beta1 = Setting.number("beta1", .belowOne, "what an update keeps of the first moment")
  static let beta2 = Setting.number("beta2", .belowOne, "what an update keeps of the second moment")
}
