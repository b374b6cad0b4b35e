import LockstepKernels

/// What every BatchNorm has: its parameters, its running statistics and where its shards' statistics stand.
struct BatchNormTensors: Sendable {
  let gamma: ParameterLayout.Entry
  let beta: ParameterLayout.Entry
  let runningMean: ParameterLayout.Entry
  let runningVariance: ParameterLayout.Entry
  let place: StatisticsPlace
  let momentum: Float
  let epsilon: Float

  var gradientRange: Range<Int> { gamma.range.lowerBound..<beta.range.upperBound }

  /// Inference normalises with the running statistics.
  func infer(_ shard: ShardMemory, _ x: Matrix, into y: Matrix) {
    let running = Moments(
      count: 1, mean: shard.runningStatistic(runningMean), m2: shard.runningStatistic(runningVariance))
    let inverse = shard.inverseDeviation(place)
    running.inverseDeviation(epsilon: epsilon, into: inverse)
    Normalization.forward(
      x, mean: running.mean, inverse: inverse, gamma: shard.parameter(gamma), beta: shard.parameter(beta), into: y)
  }
}

/// BatchNorm in which every shard is normalised by its own mean and biased variance.
struct ShardBatchNormOperation: Operation {
  let path: String
  let tensors: BatchNormTensors
  var wiring = Wiring()

  var gradientRange: Range<Int>? { tensors.gradientRange }

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      let (x, y) = (input(shard), output(shard))
      if pass.mode == .inference {
        tensors.infer(shard, x, into: y)
        continue
      }
      var moments = shard.moments(tensors.place)
      moments.measure(x)
      let inverse = shard.inverseDeviation(tensors.place)
      moments.inverseDeviation(epsilon: tensors.epsilon, into: inverse)
      Normalization.forward(
        x, mean: moments.mean, inverse: inverse, gamma: shard.parameter(tensors.gamma),
        beta: shard.parameter(tensors.beta),
        into: y)
    }
  }

  /// dγ = Σ dy · x̂, dβ = Σ dy, dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n the shard's rows
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    for shard in memory.shards {
      let (x, dy) = (input(shard), outputGradient(shard))
      let (moments, inverse) = (shard.moments(tensors.place), shard.inverseDeviation(tensors.place))
      let (dGamma, dBeta) = (shard.gradient(tensors.gamma), shard.gradient(tensors.beta))
      Normalization.backwardSums(
        x: x, mean: moments.mean, inverse: inverse, dy: dy, gammaGradient: dGamma, betaGradient: dBeta)
      if wiring.needsInputGradient {
        Normalization.backwardInput(
          x: x, count: moments.count, mean: moments.mean, inverse: inverse, gamma: shard.parameter(tensors.gamma),
          gammaGradient: dGamma, betaGradient: dBeta, dy: dy, into: inputGradient(shard))
      }
    }
  }
}
