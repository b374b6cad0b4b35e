import LockstepKernels

/// What every BatchNorm has: its parameters, its running statistics and where its shards' statistics stand.
struct BatchNormTensors: Sendable {
  let gamma: ParameterLayout.Place
  let beta: ParameterLayout.Place
  let runningMean: ParameterLayout.Place
  let runningVariance: ParameterLayout.Place
  let place: StatisticsPlace
  let momentum: Float
  let epsilon: Float

  /// Inference normalises with the running statistics.
  func infer(_ shard: ShardMemory, _ x: Matrix, then activation: ActivationFunction?, into y: Matrix) {
    let inverse = shard.inverseDeviation(place)
    Normalization.inverseDeviation(variance: shard.runningStatistic(runningVariance), epsilon: epsilon, into: inverse)
    Normalization.forward(
      x, mean: shard.runningStatistic(runningMean), inverse: inverse, gamma: shard.parameter(gamma),
      beta: shard.parameter(beta), then: activation, into: y)
  }
}

/// BatchNorm in which every shard is normalised by its own mean and biased variance.
struct ShardBatchNormOperation: LocalOperation {
  let tensors: BatchNormTensors
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      let (x, y) = (input(shard), output(shard))
      if pass.mode == .inference {
        tensors.infer(shard, x, then: wiring.activation, into: y)
        continue
      }
      var moments = shard.moments(tensors.place)
      moments.measure(x)
      let inverse = shard.inverseDeviation(tensors.place)
      moments.inverseDeviation(epsilon: tensors.epsilon, into: inverse)
      Normalization.forward(
        x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, gamma: shard.parameter(tensors.gamma),
        beta: shard.parameter(tensors.beta), then: wiring.activation, into: y)
    }
  }

  /// dγ = Σ dy · x̂, dβ = Σ dy, dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n the shard's rows
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      let (x, dy) = (input(shard), outputGradient(shard))
      let (moments, inverse) = (shard.moments(tensors.place), shard.inverseDeviation(tensors.place))
      let (dGamma, dBeta) = (shard.gradient(tensors.gamma), shard.gradient(tensors.beta))
      Normalization.backwardSums(
        x: x, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse, dy: dy, gammaGradient: dGamma,
        betaGradient: dBeta)
      if wiring.needsInputGradient {
        Normalization.backwardInput(
          x: x, count: moments.count, mean: moments.mean, meanLow: moments.meanLow, inverse: inverse,
          gamma: shard.parameter(tensors.gamma), gammaGradient: dGamma, betaGradient: dBeta, dy: dy,
          into: inputGradient(shard))
      }
    }
  }
}
