import LockstepData
import LockstepKernels
import LockstepModel

/// A trained network in inference, each of its values in memory of its own, for whoever looks at them. It goes over a
/// few rows at a time, on one thread: what else the machine does, such as the training itself, is hardly slowed down.
package final class NetworkProbe {
  /// Most rows at a time.
  package static let rows = 32

  /// The network that it computes.
  package let network: Network
  private let state: NetworkTensors
  private let workspace: Workspace

  /// A network with weights of 0: `tensors` takes those of a trained one.
  ///
  /// - Parameter task: what the targets of the samples will be.
  /// - Throws: `TrainingError` where the model is impossible or memory is short.
  package init(_ model: Model, _ task: LearningTask) throws(TrainingError) {
    do throws(ModelError) { network = try Network(model, seed: 0, separatingStages: true) } catch {
      throw .model(error)
    }
    let size = WorkspaceSize(
      runs: [0..<1], shardRows: Self.rows, targetColumns: task.targetColumns, goesBackward: false)
    try MemoryEstimate(inferring: network, size).check()
    state = NetworkTensors(of: network)
    workspace = Workspace(networks: [network], size: size, tensors: state)
  }

  /// The memory of the parameters, then of the running statistics, named as in `Trainer.tensors`; to be overwritten.
  package var tensors: [Tensor] { state.tensors(of: network) }

  /// The parameters under the names that their averages have in a checkpoint.
  package var averageTargets: [Tensor] { state.averageTargets(of: network) }

  /// Takes samples through the network.
  ///
  /// - Parameters:
  ///   - samples: their numbers in `data`, at most `rows`.
  ///   - observing: is shown every layer, by its place in `Network.layers`, and its output [rows, units].
  /// - Returns: inputs, targets and outputs of the rows; they stay until the next call.
  package func look(
    at samples: [Int], of data: any Dataset, observing: (_ layer: Int, _ output: Matrix) -> Void = { _, _ in }
  ) throws(DatasetError) -> BatchRows {
    let memory = workspace.workers[0]
    memory.begin { _ in 0..<samples.count }
    try data.fill(samples.span, features: memory.all.input, targets: memory.all.targets)
    withFloatingPointEnvironment {
      memory.forward(
        Pass(mode: .inference, step: 0, batchRows: samples.count), workspace.exchanges[0], observing: observing)
    }
    return memory.all
  }
}

extension NetworkTensors {
  /// Parameters, then running statistics, named as in `Trainer.tensors`.
  func tensors(of network: Network) -> [Tensor] {
    network.parameters.entries.map { Tensor($0, in: parameters, prefix: "model.") }
      + network.runningStatistics.entries.map { Tensor($0, in: running, prefix: "model.") }
  }

  /// The parameters under the names that their averages have in a checkpoint.
  func averageTargets(of network: Network) -> [Tensor] {
    network.parameters.entries.map { Tensor($0, in: parameters, prefix: Tensor.averagePrefix) }
  }
}
