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

  /// Both running statistics.
  var running: Range<Int> { runningMean.offset..<runningVariance.range.upperBound }

  /// Inference normalises with the running statistics.
  func infer(_ memory: WorkerMemory, _ wiring: Wiring) {
    let shape = wiring.outputShape
    let (summed, channels) = (memory.team.summedChannels(of: shape), memory.team.channels(of: shape))
    memory.eachShard(shape: shape) { shard in
      Normalization.inverseDeviation(
        variance: shard.runningStatistic(runningVariance)[summed], epsilon: epsilon,
        into: shard.inverseDeviation(place[summed]))
    } then: { shard, part in
      Normalization.forward(
        shard.value(wiring.input).part(part).positions(of: shape), mean: shard.runningStatistic(runningMean)[channels],
        inverse: shard.inverseDeviation(place[channels]), gamma: shard.parameter(gamma)[channels],
        beta: shard.parameter(beta)[channels], then: wiring.activation,
        into: shard.value(wiring.output).part(part).positions(of: shape))
    }
  }
}

/// BatchNorm in which every shard is normalised by its own mean and biased variance.
struct ShardBatchNormOperation: LocalOperation {
  let tensors: BatchNormTensors
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    if pass.mode == .inference { return tensors.infer(memory, wiring) }
    let (summed, channels) = (memory.team.summedChannels(of: shape), memory.team.channels(of: shape))
    memory.eachShard(shape: shape) { shard in
      let place = tensors.place[summed]
      var moments = shard.moments(place)
      moments.measure(input(shard).positions(of: shape).columns(summed))
      moments.inverseDeviation(epsilon: tensors.epsilon, into: shard.inverseDeviation(place))
    } then: { shard, part in
      let place = tensors.place[channels]
      let moments = shard.moments(place)
      Normalization.forward(
        input(shard).part(part).positions(of: shape), mean: moments.mean, meanLow: moments.meanLow,
        inverse: shard.inverseDeviation(place), gamma: shard.parameter(tensors.gamma)[channels],
        beta: shard.parameter(tensors.beta)[channels], then: wiring.activation,
        into: output(shard).part(part).positions(of: shape))
    }
  }

  /// dγ = Σ dy · x̂, dβ = Σ dy, dx = γ / σ · (dy − dβ / n − x̂ · dγ / n), n the shard's rows times positions
  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    let (summed, channels) = (memory.team.summedChannels(of: shape), memory.team.channels(of: shape))
    memory.eachShard(shape: shape) { shard in
      let place = tensors.place[summed]
      let moments = shard.moments(place)
      Normalization.backwardSums(
        x: input(shard).positions(of: shape).columns(summed), mean: moments.mean, meanLow: moments.meanLow,
        inverse: shard.inverseDeviation(place), dy: outputGradient(shard).positions(of: shape).columns(summed),
        gammaGradient: shard.gradient(tensors.gamma)[summed], betaGradient: shard.gradient(tensors.beta)[summed])
    } then: { shard, part in
      guard wiring.needsInputGradient else { return }
      let place = tensors.place[channels]
      let moments = shard.moments(place)
      Normalization.backwardInput(
        x: input(shard).part(part).positions(of: shape), count: moments.count, mean: moments.mean,
        meanLow: moments.meanLow, inverse: shard.inverseDeviation(place),
        gamma: shard.parameter(tensors.gamma)[channels], gammaGradient: shard.gradient(tensors.gamma)[channels],
        betaGradient: shard.gradient(tensors.beta)[channels],
        dy: outputGradient(shard).part(part).positions(of: shape),
        into: inputGradient(shard).part(part).positions(of: shape))
    }
  }

  private var shape: Shape { wiring.outputShape }
}
