import LockstepData
import LockstepKernels
import LockstepModel

// The phases of a step, each as one worker sees it.
extension Coordinator {
  /// What `worker` does in a step.
  func step(_ worker: Int, _ job: StepJob) {
    var watch = PhaseWatch(seconds, worker: worker, workspace.exchanges[worker])
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    // Asked once: a call through `any` for every shard is felt in steps of 60 µs.
    let isWeighted = rowWeights.differ(in: job.data)
    let units = job.data.targetDeviations
    exchange.traffic?.begin()
    for index in 0..<memory.microBatchCount {
      begin(index, of: memory, by: worker, job.batch, from: job.data, isWeighted: isWeighted)
      if let variation { vary(memory, by: worker, step: job.pass.step, variation) }
      watch.lap(.load)
      memory.forward(job.pass, exchange)
      for shard in memory.ownShards() {
        measure(shard, by: worker, job.pass, units, exchange, withGradient: true, isWeighted: isWeighted)
      }
      memory.backward(job.pass, exchange)
      job.observer?.look(at: memory, by: worker, isFirst: index == 0)
      watch.lap(.differentiate)
    }
    exchange.noteMagnitudes(of: memory)
    watch.lap(.differentiate)
    exchange.synchronizeGradients(of: memory) { ranks in
      unreadable.share(ranks)
      notices.share(ranks)
      job.observer?.shareSignals(ranks)
    }
    watch.lap(.wait)

    // Every worker sees the same outcomes and decides the same.
    guard unreadable.combined.value == nil, exchange.firstNonFiniteLoss == nil else { return }
    if needsNorm(job, exchange) {
      let isBounded = bounds(after: job, from: bounds, exchange) != nil
      for slice in plan.slices[worker] { exchange.reduceWithSquares(slice) }
      if !isBounded { measured[worker] = measureBounds(plan.slices[worker]) }
      if exchange.isCertainlyFinite {
        exchange.noteFiniteStatistics()
      } else {
        exchange.noteNonFiniteStatistics(of: memory.network)
      }
      watch.lap(.reduce)
      exchange.synchronize { ranks in
        exchange.shareSquares(ranks)
        measured.share(ranks)
      }
      watch.lap(.wait)
      let norm = exchange.gradientNorm
      guard norm.isFinite, exchange.firstNonFiniteNorm == nil else { return }
      var scale: Float = 1
      if case .globalNorm(let limit) = clip { scale = Float(min(1, limit / (norm + 1e-6))) }
      if !isBounded {
        let isBounded = bounds(after: job, from: measured.combined, exchange) != nil
        overflows[worker] = FirstNote(isBounded ? nil : rehearse(job, exchange, scale: scale))
        exchange.synchronize { overflows.share($0) }
        guard overflows.combined.value == nil else { return }
      }
      exchange.traffic?.beginUpdate()
      for chunk in plan.chunks[worker] {
        update(chunk, exchange.gradient(chunk.range), job, scale: scale, by: worker)
        exchange.traffic?.update(through: chunk.range.upperBound)
      }
    } else {
      exchange.traffic?.beginUpdate()
      for chunk in plan.chunks[worker] {
        update(chunk, exchange.reduce(chunk.range), job, scale: 1, by: worker)
        exchange.traffic?.update(through: chunk.range.upperBound)
      }
    }
    watch.lap(.update)
    memory.foldRunningStatistics(exchange)
    watch.lap(.account)
    exchange.finishUpdate()
    if let limit = regularization.maxNorm {
      exchange.awaitParameters()
      exchange.synchronize()
      boundNorms(worker, limit: Float(limit))
      if job.averageRest != nil || job.observer != nil {
        exchange.synchronize()
        for slice in plan.slices[worker] { updateAverage(slice, job) }
        for chunk in plan.chunks[worker] {
          job.observer?.didUpdate(
            chunk, parameters.vector(at: chunk.range.lowerBound, count: chunk.range.count), by: worker)
        }
      }
    }
    watch.lap(.update)
    if ranks != nil, job.observer != nil || job.gradient != nil {
      exchange.synchronize { ranks in
        job.observer?.shareUpdates(ranks)
        if let gradient = job.gradient { ranks.share(gradient) }
      }
    }
    watch.lap(.account)
  }

  /// Fills the worker's share of the rows of its team; the first failure is kept for the coordinator.
  ///
  /// - Parameters:
  ///   - isFirst: whether this is the first micro-batch.
  ///   - number: writes the sample of each of some rows of the batch.
  func load(
    _ memory: WorkerMemory, by worker: Int, isFirst: Bool, from data: any Dataset, isWeighted: Bool = false,
    number: (_ rows: Range<Int>, Slots<Int>) -> Void
  ) {
    let reading = readings[worker]
    if isFirst {
      unreadable[worker] = FirstNote()
      reading.notFinite = nil
    }
    for shard in memory.shards {
      let rows = memory.share(of: shard)
      if rows.isEmpty { continue }
      number(shard.firstRow + rows.lowerBound..<shard.firstRow + rows.upperBound, reading.samples)
      do throws(DatasetError) {
        try reading.samples.withSpan(0..<rows.count) { samples throws(DatasetError) in
          try data.fill(samples, features: shard.input.rows(rows), targets: shard.targets.rows(rows))
          if isWeighted { try rowWeights.write(into: shard, rows, samples, of: data) }
        }
      } catch  where unreadable[worker].value == nil {
        unreadable[worker] = FirstNote(shard.shard)
        reading.error = error
      } catch {}
    }
  }

  /// Varies the worker's share of the images of its team.
  private func vary(_ memory: WorkerMemory, by worker: Int, step: UInt64, _ variation: PictureVariation) {
    for shard in memory.shards {
      let rows = memory.share(of: shard)
      variation.vary(
        shard.input.rows(rows), from: shard.firstRow + rows.lowerBound, step: step,
        scratch: variationScratch[worker].all)
    }
  }

  /// Notes the shard's sums of loss and metrics, and writes the gradient of the loss where that is wanted.
  ///
  /// - Parameters:
  ///   - units: of the targets, for the metrics.
  ///   - isWeighted: whether the weights of its rows count.
  func measure(
    _ shard: ShardMemory, by worker: Int, _ pass: Pass, _ units: [Double], _ exchange: Exchange, withGradient: Bool,
    isWeighted: Bool = false
  ) {
    let sums = loss.sums(
      output: shard.output, targets: shard.targets, weights: isWeighted ? shard.weights : nil, units: units,
      batchRows: pass.batchRows, gradient: withGradient ? shard.outputGradient : nil)
    // The next micro-batch takes the shard's memory, so what is not finite is looked for at once.
    if withGradient, !sums.loss.isFinite, readings[worker].notFinite == nil {
      readings[worker].notFinite = (shard.shard, network.firstNonFiniteLayer(in: shard))
    }
    exchange.note(sums, of: shard.shard)
  }

  private func update(
    _ chunk: UpdatePlan.Chunk, _ gradient: Vector, _ job: StepJob, scale: Float, by worker: Int
  ) {
    let range = chunk.range
    let parameter = parameters.vector(at: range.lowerBound, count: range.count)
    job.observer?.willUpdate(chunk, gradient, parameter, by: worker)
    job.gradient?.vector(at: range.lowerBound, count: range.count).copy(from: gradient)
    apply(chunk, scale: scale, gradient: gradient, to: parameter, slot(0, range), slot(1, range))
    // Bounded norms come first.
    guard regularization.maxNorm == nil else { return }
    job.observer?.didUpdate(chunk, parameter, by: worker)
    updateAverage(range, job)
  }

  /// What is done to the gradient of a chunk, and the optimizer's rule.
  func apply(
    _ chunk: UpdatePlan.Chunk, scale: Float, gradient: Vector, to parameter: Vector,
    _ first: Vector?, _ second: Vector?
  ) {
    let rule = rules[chunk.factor]
    let l1 = chunk.decays ? Float(regularization.l1) : 0
    let l2 = chunk.decays ? Float(regularization.l2) : 0
    var limit = Float.infinity
    if case .value(let bound) = clip { limit = Float(bound) }
    if scale != 1 || limit.isFinite || l1 != 0 || l2 != 0 {
      UpdateKernels.clipAndRegularize(
        gradient: gradient, parameter: parameter, scale: scale, limit: limit, l1: l1, l2: l2)
    }
    let keep = chunk.decays ? Float(1 - rule.learningRate * regularization.decoupled) : 1
    rule.apply(to: parameter, gradient: gradient, first: first, second: second, keep: keep)
  }

  /// The average takes the updated parameters, most often while they are in cache.
  private func updateAverage(_ range: Range<Int>, _ job: StepJob) {
    guard let average, let rest = job.averageRest else { return }
    UpdateKernels.moveAverage(
      average.vector(at: range.lowerBound, count: range.count),
      parameters.vector(at: range.lowerBound, count: range.count), rest: rest)
  }

  private func slot(_ index: Int, _ range: Range<Int>) -> Vector? {
    index < optimizerSlots.count ? optimizerSlots[index].vector(at: range.lowerBound, count: range.count) : nil
  }

  private func boundNorms(_ worker: Int, limit: Float) {
    for entry in plan.bounded[worker] {
      UpdateKernels.maxNorm(
        parameters.matrix(entry), limit: limit,
        scratch: maxNormScratch[worker].vector(at: 0, count: entry.shape.columns))
    }
  }
}

/// Adds the time since the last lap to a phase of one worker, but for what of it other ranks have taken.
private struct PhaseWatch {
  private let seconds: Slots<Double>
  private let base: Int
  /// Of a worker that has other ranks to wait for.
  private let exchange: Exchange?
  private var last: Double

  init(_ seconds: Slots<Double>, worker: Int, _ exchange: Exchange) {
    self.seconds = seconds
    self.exchange = exchange.traffic == nil ? nil : exchange
    base = worker * Phase.allCases.count
    last = MonotonicClock.seconds()
  }

  mutating func lap(_ phase: Phase) {
    let now = MonotonicClock.seconds()
    let apart = exchange?.takeSecondsApart() ?? 0
    seconds[base + phase.rawValue] += now - last - apart
    if apart > 0 { seconds[base + Phase.communicate.rawValue] += apart }
    last = now
  }
}
