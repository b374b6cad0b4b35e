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
  func infer(_ memory: WorkerMemory, _ wiring: Wiring) {
    let columns = memory.team.columns(of: place.width)
    memory.eachShard(width: place.width) { shard in
      Normalization.inverseDeviation(
        variance: shard.runningStatistic(runningVariance)[columns], epsilon: epsilon,
        into: shard.inverseDeviation(place[columns]))
    } then: { shard, part in
      Normalization.forward(
        shard.value(wiring.input).part(part), mean: shard.runningStatistic(runningMean)[columns],
        inverse: shard.inverseDeviation(place[columns]), gamma: shard.parameter(gamma)[columns],
        beta: shard.parameter(beta)[columns], then: wiring.activation, into: shard.value(wiring.output).part(part))
    }
  }
}

/// BatchNorm in which every shard is normalised by its own mean and biased variance.
struct ShardBatchNormOperation: LocalOperation {
  let tensors: BatchNormTensors
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if pass.mode == .inference { return tensors.infer(memory, wiring) }
    let columns = memory.team.columns(of: width)
    let place = tensors.place[columns]
    memory.eachShard(width: width) { shard in
      var moments = shard.moments(place)
      moments.measure(input(shard).columns(columns))
      moments.inverseDeviation(epsilon: tensors.epsilon, into: shard.inverseDeviation(place))
    } then: { shard, part in
      let moments = shard.moments(place)
      Normalization.forward(
        input(shard).part(part), mean: moments.mean, meanLow: moments.meanLow, inverse: shard.inverseDeviation(place),
        gamma: shard.parameter(tensors.gamma)[columns], beta: shard.parameter(tensors.beta)[columns],
        then: wiring.activation, into: output(shard).part(part))
    }
  }

  /// dγ = Σ dy · x̂, dβ = Σ dy, dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n the shard's rows
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let columns = memory.team.columns(of: width)
    let place = tensors.place[columns]
    memory.eachShard(width: width) { shard in
      let moments = shard.moments(place)
      Normalization.backwardSums(
        x: input(shard).columns(columns), mean: moments.mean, meanLow: moments.meanLow,
        inverse: shard.inverseDeviation(place), dy: outputGradient(shard).columns(columns),
        gammaGradient: shard.gradient(tensors.gamma)[columns], betaGradient: shard.gradient(tensors.beta)[columns])
    } then: { shard, part in
      guard wiring.needsInputGradient else { return }
      let moments = shard.moments(place)
      Normalization.backwardInput(
        x: input(shard).part(part), count: moments.count, mean: moments.mean, meanLow: moments.meanLow,
        inverse: shard.inverseDeviation(place), gamma: shard.parameter(tensors.gamma)[columns],
        gammaGradient: shard.gradient(tensors.gamma)[columns], betaGradient: shard.gradient(tensors.beta)[columns],
        dy: outputGradient(shard).part(part), into: inputGradient(shard).part(part))
    }
  }

  private var width: Int { tensors.place.width }
}
