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
    let expected = "balanced, a list of a weight a class, or weights by class: {NAME: 2}"
    let field = fields.optional("class_weights", "how much samples of each class count in the loss")
    return field?.either(field?.isList == true) {
      .list(($0.list("a list of weights") ?? []).compactMap { $0.value(of: ClassWeights.weight) })
    } or: {
      $0.either($0.isMapping) { field in
        .named(
          field.entries("weights by class").compactMap { name, field in
            field.value(of: ClassWeights.weight).map { ClassWeights.Named(name, $0) }
          })
      } or: {
        $0.word(
          among: [Word("balanced", "all samples of a class together count as much as those of any other")], expected
        )
        .map { _ in .balanced }
      }
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
    var rate: Double?
    let optimizer = field.declared(Optimizer.self) { fields, optimizer in
      decay = fields.optional(
        "weight_decay",
        optimizer.decouplesWeightDecay
          ? "regularization.decoupled, under its name here" : "regularization.l2, under its name here",
        default: .number(optimizer.decouplesWeightDecay ? RunConfiguration.Defaults.adamWWeightDecay : 0))
      rate = decay?.number(.nonNegative)
    }
    return optimizer.map { DecayedOptimizer(optimizer: $0, weightDecay: rate, weightDecayField: decay) }
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
