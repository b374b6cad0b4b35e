import LockstepData
import LockstepKernels
import LockstepModel

/// A trainer's network once more, with every stage apart, through which batches are taken to look at what stands
/// between the layers.
///
/// It reads the trainer's parameters and writes memory of its own: running statistics, random layers (which draw by the
/// step) and the training bits know nothing of it. That its stages are apart changes no bit either: a fused stage does
/// the same operations on the same numbers, only while they are in cache (`SeparateStagesTests`). It runs on one
/// thread, over the shards of the configuration, so what it finds cannot depend on threads.
final class SignalObserver {
  /// Rows and batches that are looked at, at least, where an epoch has so many: the relative error of an RMS over 2,048
  /// rows is about 1 %.
  private static let rows = 2048
  private static let batches = 4
  /// Multiply-adds that a look may take, but for one batch: some five seconds of the thread that it runs on.
  private static let work = 3e11

  private let trainer: Trainer
  private let data: any Dataset
  private let sampler: Sampler
  private let workspace: Workspace
  private let memory: WorkerMemory
  private let samples: [Slots<Int>]

  /// - Throws: `TrainingError` where no data is attached, or the memory is not there.
  init(_ trainer: Trainer) throws(TrainingError) {
    guard let data = trainer.data, let sampler = trainer.sampler else {
      throw .setting("no data is attached to the trainer: call attach(_:)")
    }
    let (options, model) = (trainer.options, trainer.network.model)
    let network: Network
    do throws(ModelError) {
      network = try Network(model, seed: options.seed, separatingStages: true)
    } catch { throw .model(error) }
    let (shards, targetColumns) = (options.shards, trainer.loss.targetColumns(outputs: network.outputs))
    let size = WorkspaceSize(
      rows: options.batch, shards: shards, TeamPlan(workers: 1, shards: shards, teams: 1), targetColumns: targetColumns,
      precision: options.precision)
    var estimate = MemoryEstimate(
      training: network, size, slots: trainer.optimizer.slots.count, isAveraged: options.weightAverage != nil
    ).adding("a step's gradient", bytes: network.parameters.count * MemoryLayout<Float>.stride)
    estimate = estimate.adding("directions of samples", bytes: RankRecord.bytes(units: network.layers.map(\.units)))
    if options.precision != .float32 {
      estimate = estimate.adding("of them in float32", bytes: RoundingRecord.bytes(network, rows: options.batch))
    }
    try estimate.check(copies: 2)
    (self.trainer, self.data, self.sampler) = (trainer, data, sampler)
    workspace = Workspace(networks: [network], size: size, tensors: trainer.coordinator.tensors)
    memory = workspace.workers[0]
    samples = (0..<shards).map { _ in Slots(repeating: 0, count: size.shardRows) }
  }

  /// The network as it is now, seen by the batches that training takes next.
  func observe() throws(TrainingError) -> Observation {
    let isRounded = trainer.options.precision != .float32
    let records = memory.network.layers.map { layer in
      LayerRecord(layer, isRounded ? RoundingRecord(layer, rows: trainer.options.batch) : nil)
    }
    let batch = trainer.options.batch
    let cost = memory.network.products.reduce(1) { $0 + $1.multiplyAdds } * Double(batch)
    let affordable = max(1, Int(min(1e9, (Self.work / cost).rounded(.up))))
    let wanted = min(affordable, max(Self.batches, (Self.rows + batch - 1) / batch))
    let steps = trainer.state.step..<trainer.state.step + min(wanted, sampler.stepsPerEpoch)
    let field = FieldRecord(memory.network)
    var rows = 0
    try withFloatingPointEnvironment { () throws(TrainingError) in
      for step in steps {
        let batch = sampler.batch(at: step)
        rows += batch.rows
        if isRounded {
          try pass(
            batch, in: .float32, outputs: { records[$0].rounding?.keep(output: $1) },
            gradients: { records[$0].rounding?.keep(gradient: $1) })
        }
        let taken = try pass(
          batch, in: trainer.options.precision, outputs: { records[$0].add(output: $1) },
          gradients: { records[$0].add(gradient: $1) })
        field?.look(at: memory, taken, workspace.exchanges[0])
      }
    }
    return Observation(
      step: trainer.state.step, records: records, inputs: memory.network.layerInputs, rows: rows,
      batches: steps.count, field: field?.field)
  }

  /// Takes a batch forward and back, and shows the layers' outputs and their gradients. The outputs stay.
  @discardableResult
  private func pass(
    _ batch: SampledBatch, in precision: Precision, outputs: (Int, Matrix) -> Void, gradients: (Int, Matrix) -> Void
  ) throws(TrainingError) -> Pass {
    let shards = trainer.options.shards
    memory.begin { Shard.rows($0, of: shards, batch: batch.rows) }
    do throws(DatasetError) {
      for shard in memory.shards { try load(shard, of: batch) }
    } catch { throw .data(error) }
    let pass = Pass(mode: .training, step: UInt64(batch.step), batchRows: batch.rows, precision: precision)
    memory.forward(pass, workspace.exchanges[0], observing: outputs)
    do throws(DatasetError) {
      for shard in memory.shards {
        try samples[shard.shard].withSpan(0..<shard.rows) { samples throws(DatasetError) in
          try trainer.coordinator.rowWeights.write(into: shard, 0..<shard.rows, samples, of: data)
        }
        _ = trainer.loss.evaluate(
          output: shard.output, targets: shard.targets, weights: shard.weights, batchRows: batch.rows,
          gradient: shard.outputGradient)
      }
    } catch { throw .data(error) }
    memory.backward(pass, workspace.exchanges[0], observing: gradients)
    return pass
  }

  private func load(_ shard: ShardMemory, of batch: SampledBatch) throws(DatasetError) {
    let slots = samples[shard.shard]
    batch.samples(shard.firstRow..<shard.firstRow + shard.rows, into: slots)
    try slots.withSpan(0..<shard.rows) { samples throws(DatasetError) in
      try data.fill(samples, features: shard.input, targets: shard.targets)
    }
  }
}

/// What was seen of all layers at one step.
struct Observation {
  let step: Int
  let records: [LayerRecord]
  /// By layer: the one whose output it reads.
  let inputs: [Int?]
  let rows: Int
  let batches: Int
  let field: Diagnosis.ReceptiveField?

  /// - Parameter measured: the step whose updates are told.
  func stage(_ measured: MeasuredStep) -> Diagnosis.Stage {
    let layers = records.enumerated().map { index, record in
      record.summary(
        arguments: inputs[index].map { records[$0].maxima }, update: measured.updates[record.layer.path])
    }
    var points = Observation.points(records.map(\.layer))
    for index in points.indices { points[index].hasGradient = records[points[index].layer].hasGradient }
    func growth(_ figure: KeyPath<Diagnosis.Layer, Double?>) -> Double? {
      Growth.fit(points.map { ($0.dense, layers[$0.layer][keyPath: figure]) })
    }
    return Diagnosis.Stage(
      step: step, layers: layers, points: points, signalGrowth: growth(\.rms), gradientGrowth: growth(\.gradientRMS),
      findings: [], rows: rows, batches: batches, learningRateFactor: measured.learningRateFactor, receptiveField: field
    )
  }

  /// Every layer with weights with the activation that follows before the next of them. One without has its own value,
  /// or its BatchNorm's, for it: its activation is the identity. The last of them without one makes the network's
  /// output, at which growth is not measured.
  static func points(_ layers: [NetworkLayer]) -> [Diagnosis.Point] {
    let signals = LayerKind.signals(layers.map(\.kind))
    return signals.enumerated().compactMap { number, place in
      guard number + 1 < signals.count || layers[place.signal].kind.isActivation else { return nil }
      return Diagnosis.Point(dense: number, name: layers[place.weighted].path, layer: place.signal)
    }
  }
}
