import LockstepKernels
import TestSupport

@testable import LockstepModel

/// A network with memory of its own, taken through passes on the test's thread.
final class NetworkTrial {
  let network: Network
  let loss: Loss
  let rows: Int
  /// Rows of each shard.
  let shards: [Range<Int>]
  let parameters: Arena
  let running: Arena
  let workspace: Workspace

  /// - Parameter initialized: whether initial parameters are drawn.
  init(
    _ model: Model, loss: Loss = .meanSquaredError, rows: Int, shards count: Int, workers: Int = 1, seed: UInt64 = 1,
    initialized: Bool = true
  ) throws {
    network = try Network(model, seed: seed)
    self.loss = loss
    self.rows = rows
    shards = (0..<count).map { $0 * rows / count..<($0 + 1) * rows / count }
    parameters = Arena(count: network.parameters.count)
    running = Arena(count: network.runningStatistics.count)
    workspace = Workspace(
      network: network, shards: count, rows: (rows + count - 1) / count,
      targetColumns: loss.targetColumns(outputs: network.outputs), workers: workers, parameters: parameters,
      running: running)
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
    for (shard, rows) in zip(workspace.shards, shards) {
      shard.begin(rows: rows)
      if features.isEmpty { continue }
      shard.input.elements.copy(from: Array(features[rows.lowerBound * columns..<rows.upperBound * columns]))
      let width = shard.targets.columns
      if targets.isEmpty { continue }
      shard.targets.elements.copy(from: Array(targets[rows.lowerBound * width..<rows.upperBound * width]))
    }
  }

  @discardableResult
  func forward(_ mode: Pass.Mode = .training, step: UInt64 = 0) -> [Float] {
    useOneThreadForProducts()
    network.forward(shards.indices, of: workspace, worker: 0, pass(mode, step)) {}
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
    workspace.gradients.all.fill(.nan)
    network.backward(shards.indices, of: workspace, worker: 0, pass(.training, step)) {}
  }

  func measure(_ shard: Int, withGradient: Bool) -> LossSums {
    let memory = workspace.shards[shard]
    return loss.evaluate(
      output: memory.output, targets: memory.targets, batchRows: rows, gradient: withGradient ? memory.outputGradient : nil)
  }

  /// A tensor's gradient, summed over the shards.
  func gradient(_ entry: ParameterLayout.Entry) -> [Double] {
    entry.range.map { element in
      workspace.shards.reduce(0) { $0 + Double($1.gradients[element]) }
    }
  }

  private func pass(_ mode: Pass.Mode, _ step: UInt64) -> Pass { Pass(mode: mode, step: step, batchRows: rows) }
}

