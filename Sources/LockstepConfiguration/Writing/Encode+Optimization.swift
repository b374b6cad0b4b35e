import LockstepModel
import LockstepTraining

extension Encode {
  static func loss(_ loss: Loss, _ classWeights: ClassWeights?) -> ResolvedValue {
    let weights = classWeights.map { [("class_weights", self.classWeights($0))] } ?? []
    return switch loss {
    case .softmaxCrossEntropy(let smoothing): .named(loss.name, [("label_smoothing", .number(smoothing))] + weights)
    case .huber(let delta): .named(loss.name, [("delta", .number(delta))])
    case .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError: .named(loss.name, weights)
    }
  }

  private static func classWeights(_ weights: ClassWeights) -> ResolvedValue {
    switch weights {
    case .balanced: .text("balanced")
    case .list(let weights): .list(weights.map { .number($0) })
    case .named(let weights): .mapping(weights.map { ($0.name, .number($0.weight)) })
    }
  }

  static func optimizer(_ optimizer: Optimizer) -> ResolvedValue {
    var keys: Parameters = [("learning_rate", .number(optimizer.learningRate))]
    switch optimizer {
    case .sgd(_, let momentum, let nesterov): keys += [("momentum", .number(momentum)), ("nesterov", .flag(nesterov))]
    case .adagrad(_, let epsilon): keys += [("epsilon", .number(epsilon))]
    case .rmsprop(_, let decay, let epsilon): keys += [("decay", .number(decay)), ("epsilon", .number(epsilon))]
    case .adam(_, let beta1, let beta2, let epsilon), .adamw(_, let beta1, let beta2, let epsilon),
      .adamax(_, let beta1, let beta2, let epsilon):
      keys += [("beta1", .number(beta1)), ("beta2", .number(beta2)), ("epsilon", .number(epsilon))]
    case .nadam(_, let beta1, let beta2, let epsilon, let decay):
      keys += [
        ("beta1", .number(beta1)), ("beta2", .number(beta2)), ("epsilon", .number(epsilon)),
        ("momentum_decay", .number(decay)),
      ]
    }
    return .named(optimizer.name, keys)
  }

  static func regularization(_ regularization: Regularization) -> ResolvedValue {
    var keys: Parameters = [
      ("l1", .number(regularization.l1)), ("l2", .number(regularization.l2)),
      ("decoupled", .number(regularization.decoupled)),
    ]
    if let norm = regularization.maxNorm { keys.append(("max_norm", .number(norm))) }
    keys.append(("everything", .flag(regularization.everything)))
    return .mapping(keys)
  }

  static func schedule(_ schedule: Schedule) -> ResolvedValue {
    switch schedule {
    case .constant: .named("constant")
    case .step(let every, let gamma): .named("step", [("every", .integer(every)), ("gamma", .number(gamma))])
    case .piecewise(let boundaries, let factors):
      .named(
        "piecewise",
        [("boundaries", .list(boundaries.map { .integer($0) })), ("factors", .list(factors.map { .number($0) }))])
    case .exponential(let rate, let every):
      .named("exponential", [("rate", .number(rate)), ("every", .integer(every))])
    case .polynomial(let power, let end): .named("polynomial", [("power", .number(power)), ("end", .number(end))])
    case .cosine(let warmup, let end): .named("cosine", [("warmup_steps", .integer(warmup)), ("end", .number(end))])
    case .oneCycle(let peak, let divide, let finalDivide):
      .named(
        "one_cycle", [("peak", .number(peak)), ("divide", .number(divide)), ("final_divide", .number(finalDivide))])
    case .reduceOnPlateau(let plateau):
      .named(
        "reduce_on_plateau",
        [
          ("metric", .text(plateau.metric.rawValue)), ("mode", .text(plateau.mode.rawValue)),
          ("factor", .number(plateau.factor)),
          ("patience", .integer(plateau.patience)), ("threshold", .number(plateau.threshold)),
          ("minimum", .number(plateau.minimumFactor)),
        ])
    }
  }
}
