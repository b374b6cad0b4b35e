extension Optimizer {
  /// The same with another learning rate.
  public func with(learningRate: Double) -> Optimizer {
    switch self {
    case .sgd(_, let momentum, let nesterov): .sgd(learningRate: learningRate, momentum: momentum, nesterov: nesterov)
    case .adagrad(_, let epsilon): .adagrad(learningRate: learningRate, epsilon: epsilon)
    case .rmsprop(_, let decay, let epsilon): .rmsprop(learningRate: learningRate, decay: decay, epsilon: epsilon)
    case .adam(_, let beta1, let beta2, let epsilon):
      .adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .adamw(_, let beta1, let beta2, let epsilon):
      .adamw(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .nadam(_, let beta1, let beta2, let epsilon, let decay):
      .nadam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, momentumDecay: decay)
    case .adamax(_, let beta1, let beta2, let epsilon):
      .adamax(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    }
  }
}
