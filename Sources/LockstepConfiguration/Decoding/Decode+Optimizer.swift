import LockstepDeclarations
import LockstepKernels
import LockstepModel
import LockstepTraining

extension Decode {
  /// A loss and what classes count in it.
  typealias WeightedLoss = (loss: Loss, classWeights: ClassWeights?)

  static func loss(_ field: Field) -> WeightedLoss? {
    var weights: ClassWeights?
    let loss = field.declared(Loss.self) { fields, loss in
      weights = loss.takesClassWeights ? classWeights(&fields) : nil
    }
    return loss.map { ($0, weights) }
  }

  /// `balanced`, a list, or a mapping from the names of classes.
  private static func classWeights(_ fields: inout Fields) -> ClassWeights? {
    guard let field = fields.optional("class_weights") else { return nil }
    switch field.node.content {
    case .scalar("balanced", _): return .balanced
    case .list:
      return .list((field.list("a list of weights") ?? []).compactMap { $0.value(of: ClassWeights.weight) })
    case .mapping:
      return .named(
        field.entries("weights by class").compactMap { name, field in
          field.value(of: ClassWeights.weight).map { ClassWeights.Named(name, $0) }
        })
    default:
      var hint: String?
      if case .scalar(let text, _) = field.node.content { hint = ForeignWords.hint(forWord: text, among: ["balanced"]) }
      field.report(expected: "balanced, a list of a weight a class, or weights by class: {NAME: 2}", hint: hint)
      return nil
    }
  }

  /// An optimizer and what its `weight_decay` says, with the place of it.
  struct DecayedOptimizer {
    var optimizer: Optimizer
    var weightDecay: Double?
    var weightDecayField: Field?
  }

  /// Every optimizer takes `weight_decay` beside its own settings.
  static func optimizer(_ field: Field) -> DecayedOptimizer? {
    var decay: Field?
    let optimizer = field.declared(Optimizer.self) { fields, _ in decay = fields.optional("weight_decay") }
    return optimizer.map {
      DecayedOptimizer(optimizer: $0, weightDecay: decay?.number(.nonNegative), weightDecayField: decay)
    }
  }

  /// The `regularization` mapping joined with the optimizer's `weight_decay`: L2 through the gradient, or decoupled
  /// for AdamW.
  static func regularization(_ field: Field?, _ decayed: DecayedOptimizer?) -> Regularization {
    var regularization = Regularization.none
    var decoupled: Double?
    var given: (l2: Bool, decoupled: Bool) = (false, false)
    _ = field?.mapping { fields in
      given = (fields.has("l2"), fields.has("decoupled"))
      let declaration = Regularization.declarations[0]
      regularization = declaration.value(fields.read(declaration.description))
      if given.decoupled { decoupled = regularization.decoupled }
    }
    let isDecoupled = decayed?.optimizer.decouplesWeightDecay == true
    if let decay = decayed?.weightDecayField, isDecoupled ? given.decoupled : given.l2 {
      decay.report(
        found: "weight_decay beside regularization.\(isDecoupled ? "decoupled" : "l2")",
        expected: "only one of the two, which are the same")
    }
    if isDecoupled {
      decoupled = decoupled ?? decayed?.weightDecay ?? RunConfiguration.Defaults.adamWWeightDecay
    } else if let decay = decayed?.weightDecay, !given.l2 {
      regularization.l2 = decay
    }
    regularization.decoupled = decoupled ?? 0
    return regularization
  }
}
