import Dispatch
import LockstepKernels
import TestSupport

@testable import LockstepModel

/// A network with memory of its own, taken through passes on the test's thread.
final class NetworkTrial {
  let network: Network
  let loss: Loss
  let rows: Int
  /// What each row counts; none where all count the same.
  var weights: [Float] = []
  /// Rows of each shard.
  let shards: [Range<Int>]
  let parameters: Arena
  let running: Arena
  let workspace: Workspace

  /// - Parameters:
  ///   - teams: that share the shards.
  ///   - members: workers of each.
  ///   - deal: what they deal out.
  ///   - initialized: whether initial parameters are drawn.
  init(
    _ model: Model, loss: Loss = .meanSquaredError, rows: Int, shards count: Int, workers teams: Int = 1,
    members: Int = 1, deal: Team.Deal = .columns, microBatches: Int = 1,
    seed: UInt64 = 1, initialized: Bool = true, separatingStages: Bool = false
  ) throws {
    network = try Network(model, seed: seed, separatingStages: separatingStages)
    self.loss = loss
    self.rows = rows
    shards = (0..<count).map { $0 * rows / count..<($0 + 1) * rows / count }
    let tensors = NetworkTensors(of: network)
    (parameters, running) = (tensors.parameters, tensors.running)
    let size = WorkspaceSize(
      runs: (0..<teams).map { $0 * count / teams..<($0 + 1) * count / teams },
      members: Array(repeating: members, count: teams), deal: deal, microBatches: microBatches,
      shardRows: (rows + count - 1) / count, targetColumns: loss.targetColumns(outputs: network.outputs))
    workspace = Workspace(networks: Array(repeating: network, count: teams * members), size: size, tensors: tensors)
    if initialized { network.initialize(parameters: parameters, tensors: network.parameters.entries.indices) }
    network.initialize(running: running)
  }

  /// Numbers without any structure in every tensor, so that nothing is hidden by a γ of 1 or a β of 0.
  func scramble(_ generator: inout SeededGenerator) {
    for entry in network.parameters.entries {
      let range: ClosedRange<Float> =
        switch entry.role {
        case .weight: -0.8...0.8
        case .gamma: 0.5...1.5
        case .slope: 0.1...0.6
        default: -0.5...0.5
        }
      parameters.vector(entry).copy(from: generator.uniform(entry.count, in: range))
    }
    for entry in network.runningStatistics.entries {
      let range: ClosedRange<Float> = entry.role == .runningVariance ? 0.5...2 : -0.5...0.5
      running.vector(entry).copy(from: generator.uniform(entry.count, in: range))
    }
  }

  /// Runs `body` for every worker, each on a thread of its own where there are several.
  func eachWorker(_ body: @escaping @Sendable (WorkerMemory, Exchange) -> Void) {
    let workers = Array(zip(workspace.workers, workspace.exchanges))
    let group = DispatchGroup()
    for (memory, exchange) in workers.dropFirst() {
      DispatchQueue(label: "worker").async(group: group) { body(memory, exchange) }
    }
    body(workers[0].0, workers[0].1)
    group.wait()
  }

  /// Folds the batch's statistics into the running ones.
  func foldRunningStatistics() {
    for (memory, exchange) in zip(workspace.workers, workspace.exchanges) { memory.foldRunningStatistics(exchange) }
  }

  /// Every tensor by name, in Double.
  var tensors: [String: [Double]] {
    var tensors: [String: [Double]] = [:]
    for entry in network.parameters.entries { tensors[entry.name] = parameters.vector(entry).array.doubles }
    for entry in network.runningStatistics.entries { tensors[entry.name] = running.vector(entry).array.doubles }
    return tensors
  }

  /// Begins a batch, with nothing in it unless given.
  func load(features: [Float] = [], targets: [Float] = []) {
    let columns = network.model.features
    for memory in workspace.workers { memory.begin { shards[$0] } }
    for (shard, rows) in zip(workspace.shards, shards) {
      if features.isEmpty { continue }
      shard.input.elements.copy(from: Array(features[rows.lowerBound * columns..<rows.upperBound * columns]))
      let width = shard.targets.columns
      if targets.isEmpty { continue }
      shard.targets.elements.copy(from: Array(targets[rows.lowerBound * width..<rows.upperBound * width]))
    }
  }

  @discardableResult
  func forward(_ mode: Pass.Mode = .training, step: UInt64 = 0) -> [Float] {
    let pass = pass(mode, step)
    eachWorker { memory, exchange in memory.forward(pass, exchange) }
    return workspace.shards.flatMap { $0.output.array }
  }

  /// Forward, loss and backward. The gradients hold NaN before, so that one that is not written shows.
  func differentiate(step: UInt64 = 0) -> LossSums {
    forward(step: step)
    let sums = Tree.reduce(shards.indices, leaf: { measure($0, withGradient: true) }, combine: +)
    backward(step: step)
    return sums
  }

  func backward(step: UInt64 = 0) {
    for shard in workspace.shards { shard.gradients.fill(.nan) }
    for node in workspace.workers.flatMap(\.nodes) {
      for entry in network.parameters.entries where entry.role == .weight {
        node.weightGradient(entry.place).elements.fill(.nan)
      }
    }
    let pass = pass(.training, step)
    eachWorker { memory, exchange in memory.backward(pass, exchange) }
  }

  func measure(_ shard: Int, withGradient: Bool) -> LossSums {
    let memory = workspace.shards[shard]
    if !weights.isEmpty { memory.weights.copy(from: Array(weights[shards[shard]])) }
    return loss.evaluate(
      output: memory.output, targets: memory.targets, weights: weights.isEmpty ? nil : memory.weights, batchRows: rows,
      gradient: withGradient ? memory.outputGradient : nil)
  }

  /// A tensor's gradient, summed over the shards: to be asked for once after each backward pass, as the sum is made
  /// in place.
  func gradient(_ entry: ParameterLayout.Entry) -> [Double] {
    workspace.exchanges[0].reduce(entry.range).array.doubles
  }

  private func pass(_ mode: Pass.Mode, _ step: UInt64) -> Pass { Pass(mode: mode, step: step, batchRows: rows) }
}

// Models in one line, for tables of cases.

extension Model {
  init(features: Int, _ layers: any LayerConvertible...) {
    self.init(features: features, layers: layers.map(\.layer))
  }
}

func residual(_ layers: [any LayerConvertible], projection: [any LayerConvertible]) -> Layer {
  .residual(layers.map(\.layer), projection: projection.map(\.layer))
}

func residual(_ layers: any LayerConvertible...) -> Layer { .residual(layers.map(\.layer)) }

func repeated(_ times: Int, _ layers: any LayerConvertible...) -> Layer {
  .repeated(times: times, layers.map(\.layer))
}
