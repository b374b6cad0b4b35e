import LockstepData
import LockstepKernels
import LockstepModel
import LockstepTraining

/// Passes of one worker over a workload's batches, with a look at the clock after every operation.
final class LayerWalk {
  /// Whose time it is.
  enum Part: Hashable {
    case data
    case forward(layer: String)
    case loss
    case backward(layer: String)
    /// The gradients of its parameters alone.
    case parameters(layer: String)
  }

  /// Rows of a pass.
  let rows: Int
  private let workload: Workload
  private let shards: Int
  private let sampler: Sampler
  private let samples: Slots<Int>
  private let workspace: Workspace
  private var memory: WorkerMemory { workspace.workers[0] }
  private var step = 0

  init(_ workload: Workload) throws {
    let network = try Network(workload.model, seed: workload.seed)
    let parameters = Arena(count: network.parameters.count)
    let running = Arena(count: network.runningStatistics.count)
    network.initialize(parameters: parameters, tensors: network.parameters.entries.indices)
    network.initialize(running: running)
    self.workload = workload
    shards = workload.shards
    sampler = try Sampler(sampleCount: workload.data.count, batchSize: workload.batch, seed: workload.seed)
    rows = sampler.rows(of: 0)
    let shardRows = (rows + shards - 1) / shards
    samples = Slots(repeating: 0, count: shardRows)
    let plan = TeamPlan(workers: 1, shards: shards, teams: 1)
    let size = WorkspaceSize(
      rows: rows, shards: shards, plan, for: network, accumulate: 1,
      targetColumns: workload.loss.targetColumns(outputs: network.outputs), precision: .float32)
    workspace = Workspace(
      networks: [network], size: size, tensors: NetworkTensors(parameters: parameters, running: running))
  }

  /// Seconds of each part of `count` passes.
  ///
  /// - Parameter rehearsing: whether the gradients of parameters are also computed alone, before the others.
  func pass(count: Int, rehearsing: Bool) throws -> [Part: Double] {
    var laps: [(part: Part, seconds: Double)] = []
    for _ in 0..<count {
      try walk(rehearsing: rehearsing) { part, seconds in laps.append((part, seconds)) }
    }
    return laps.reduce(into: [:]) { $0[$1.part, default: 0] += $1.seconds }
  }

  private func walk(rehearsing: Bool, note: (Part, Double) -> Void) throws {
    // Full batches of the first epoch.
    let batch = sampler.batch(at: step % max(1, sampler.sampleCount / rows))
    let pass = Pass(mode: .training, step: UInt64(step), batchRows: batch.rows)
    step += 1
    try withFloatingPointEnvironment {
      var last = MonotonicClock.seconds()
      func lap(_ part: Part) {
        let now = MonotonicClock.seconds()
        note(part, now - last)
        last = MonotonicClock.seconds()
      }
      for microBatch in 0..<memory.microBatchCount {
        memory.begin(microBatch: microBatch) { Shard.rows($0, of: shards, batch: batch.rows) }
        for shard in memory.shards {
          batch.samples(shard.firstRow..<shard.firstRow + shard.rows, into: samples)
          try samples.withSpan(0..<shard.rows) {
            try workload.data.fill($0, features: shard.input, targets: shard.targets)
          }
        }
        lap(.data)
        memory.forward(pass, workspace.exchanges[0]) { lap(.forward(layer: $0)) }
        for shard in memory.shards {
          _ = workload.loss.evaluate(
            output: shard.output, targets: shard.targets, batchRows: batch.rows, gradient: shard.outputGradient)
        }
        lap(.loss)
        memory.backward(pass, workspace.exchanges[0], rehearsing: rehearsing) { path, isRehearsal in
          lap(isRehearsal ? .parameters(layer: path) : .backward(layer: path))
        }
      }
    }
  }
}
