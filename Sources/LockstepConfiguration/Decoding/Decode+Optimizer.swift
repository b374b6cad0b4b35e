import LockstepKernels
import LockstepModel
import LockstepTraining

extension Decode {
  /// A loss and what classes count in it.
  typealias WeightedLoss = (loss: Loss, classWeights: ClassWeights?)

  static func loss(_ field: Field) -> WeightedLoss? { field.named("loss", lossKinds) }

  static var lossKinds: [Kind<WeightedLoss>] {
    [
      Kind("softmax_cross_entropy") { fields -> WeightedLoss in
        let smoothing: Float = fields.number("label_smoothing", .belowOne, default: 0)
        return (.softmaxCrossEntropy(labelSmoothing: smoothing), classWeights(&fields))
      },
      Kind("binary_cross_entropy") { fields -> WeightedLoss in (.binaryCrossEntropy, classWeights(&fields)) },
      Kind("mean_squared_error", (.meanSquaredError, nil)),
      Kind("mean_absolute_error", (.meanAbsoluteError, nil)),
      Kind("huber", main: "delta") { fields -> WeightedLoss in
        guard case .huber(let delta) = Loss.huber else { return (.huber, nil) }
        return (.huber(delta: fields.number("delta", .positiveSingle, default: delta)), nil)
      },
    ]
  }

  /// `balanced`, a list, or a mapping from the names of classes.
  private static func classWeights(_ fields: inout Fields) -> ClassWeights? {
    guard let field = fields.optional("class_weights") else { return nil }
    switch field.node.content {
    case .scalar("balanced", _): return .balanced
    case .list:
      return .list((field.list("a list of weights") ?? []).compactMap { $0.number(.nonNegative) })
    case .mapping:
      return .named(
        field.entries("weights by class").compactMap { name, field in
          field.number(.nonNegative).map { ClassWeights.Named(name, $0) }
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

  static func optimizer(_ field: Field) -> DecayedOptimizer? {
    field.named("optimizer", optimizerKinds)
  }

  private typealias Rate = RunConfiguration.Defaults.LearningRate

  static var optimizerKinds: [Kind<DecayedOptimizer>] {
    [
      kind("sgd") { fields in
        guard case .sgd(let rate, let momentum, let nesterov) = Optimizer.sgd(learningRate: Rate.sgd) else {
          return nil
        }
        let given = fields.number("momentum", .belowOne, default: momentum)
        let rateGiven = fields.number("learning_rate", .positiveSingle, default: rate)
        let nesterovField = fields.optional("nesterov")
        let isNesterov = nesterovField?.flag() ?? nesterov
        if isNesterov && given == 0 {
          nesterovField?.report(
            found: "nesterov without momentum", expected: "a momentum above 0", hint: "add momentum: 0.9")
        }
        return .sgd(learningRate: rateGiven, momentum: given, nesterov: isNesterov)
      },
      kind("adagrad") { fields in
        guard case .adagrad(let rate, let epsilon) = Optimizer.adagrad(learningRate: Rate.adagrad) else { return nil }
        return .adagrad(
          learningRate: fields.number("learning_rate", .positiveSingle, default: rate),
          epsilon: fields.number("epsilon", .positiveSingle, default: epsilon))
      },
      kind("rmsprop") { fields in
        guard case .rmsprop(let rate, let decay, let epsilon) = Optimizer.rmsprop(learningRate: Rate.rmsprop) else {
          return nil
        }
        return .rmsprop(
          learningRate: fields.number("learning_rate", .positiveSingle, default: rate),
          decay: fields.number("decay", .belowOne, default: decay),
          epsilon: fields.number("epsilon", .positiveSingle, default: epsilon))
      },
      kind("adam") { fields in
        guard case .adam(let rate, let beta1, let beta2, let epsilon) = Optimizer.adam(learningRate: Rate.adam) else {
          return nil
        }
        let moments = Moments(&fields, rate, beta1, beta2, epsilon)
        return .adam(learningRate: moments.rate, beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon)
      },
      kind("adamw") { fields in
        guard case .adamw(let rate, let beta1, let beta2, let epsilon) = Optimizer.adamw(learningRate: Rate.adamw)
        else { return nil }
        let moments = Moments(&fields, rate, beta1, beta2, epsilon)
        return .adamw(learningRate: moments.rate, beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon)
      },
      kind("nadam") { fields in
        guard
          case .nadam(let rate, let beta1, let beta2, let epsilon, let decay) = Optimizer.nadam(
            learningRate: Rate.nadam)
        else { return nil }
        let moments = Moments(&fields, rate, beta1, beta2, epsilon)
        let momentumDecay = fields.number("momentum_decay", .nonNegative, default: decay)
        return .nadam(
          learningRate: moments.rate, beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon,
          momentumDecay: momentumDecay)
      },
      kind("adamax") { fields in
        guard case .adamax(let rate, let beta1, let beta2, let epsilon) = Optimizer.adamax(learningRate: Rate.adamax)
        else { return nil }
        let moments = Moments(&fields, rate, beta1, beta2, epsilon)
        return .adamax(learningRate: moments.rate, beta1: moments.beta1, beta2: moments.beta2, epsilon: moments.epsilon)
      },
    ]
  }

  /// What Adam and its kin have in common.
  private struct Moments {
    let rate: Double
    let beta1: Double
    let beta2: Double
    let epsilon: Double

    init(_ fields: inout Fields, _ rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double) {
      self.rate = fields.number("learning_rate", .positiveSingle, default: rate)
      self.beta1 = fields.number("beta1", .belowOne, default: beta1)
      self.beta2 = fields.number("beta2", .belowOne, default: beta2)
      self.epsilon = fields.number("epsilon", .positiveSingle, default: epsilon)
    }
  }

  /// Every optimizer takes `weight_decay` beside its own parameters; alone, a number is the learning rate.
  private static func kind(_ name: String, _ read: @escaping (inout Fields) -> Optimizer?) -> Kind<DecayedOptimizer> {
    let main = "learning_rate"
    return Kind(name, main: main) { field in
      let decayed = field.mapping(Kind<DecayedOptimizer>.braces(name, main), main: main) {
        fields -> DecayedOptimizer? in
        let optimizer = read(&fields)
        let decay = fields.optional("weight_decay")
        return optimizer.map {
          DecayedOptimizer(optimizer: $0, weightDecay: decay?.number(.nonNegative), weightDecayField: decay)
        }
      }
      return decayed ?? nil
    }
  }

  /// The `regularization` mapping joined with the optimizer's `weight_decay`: L2 through the gradient, or decoupled
  /// for AdamW.
  static func regularization(_ field: Field?, _ decayed: DecayedOptimizer?) -> Regularization {
    var regularization = Regularization.none
    var decoupled: Double?
    var given: (l2: Bool, decoupled: Bool) = (false, false)
    _ = field?.mapping { fields in
      regularization.l1 = fields.number("l1", .nonNegative, default: regularization.l1)
      if let field = fields.optional("l2") {
        given.l2 = true
        regularization.l2 = field.number(.nonNegative) ?? 0
      }
      if let field = fields.optional("decoupled") {
        given.decoupled = true
        decoupled = field.number(.nonNegative)
      }
      regularization.maxNorm = fields.optional("max_norm")?.number(.positiveSingle)
      regularization.everything = fields.flag("everything", default: regularization.everything)
    }
    let isDecoupled = if case .adamw = decayed?.optimizer { true } else { false }
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
