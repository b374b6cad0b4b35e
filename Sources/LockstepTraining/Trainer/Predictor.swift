import LockstepKernels
import LockstepModel

/// A trained network in inference: it computes outputs and nothing else.
///
/// Rows go through in chunks of a fixed size, so that a row's bits depend on its place among the rows given, not on threads.
public final class Predictor {
  /// Rows of a chunk.
  public static let chunk = 256

  public let network: Network
  private let parameters: Arena
  private let running: Arena
  private let workspace: Workspace

  public init(_ model: Model) throws(TrainingError) {
    do throws(ModelError) { network = try Network(model, seed: 0) } catch { throw .model(error) }
    try MemoryEstimate(predicting: network, rows: Predictor.chunk).check()
    parameters = Arena(count: network.parameters.count)
    running = Arena(count: network.runningStatistics.count)
    workspace = Workspace(
      networks: [network], runs: [0..<1], shardRows: Predictor.chunk, targetColumns: 1, parameters: parameters,
      running: running)
  }

  /// The tensors that a checkpoint overwrites: parameters, then running statistics.
  public var tensors: [TrainerTensor] {
    func tensors(_ layout: ParameterLayout, _ arena: Arena) -> [TrainerTensor] {
      layout.entries.map { TrainerTensor($0, in: arena, prefix: "model.") }
    }
    return tensors(network.parameters, parameters) + tensors(network.runningStatistics, running)
  }

  /// Outputs of the network (logits, for a classifier) for `features` [rows, inputs], into `outputs` [rows, units].
  public func predict(_ features: Matrix, into outputs: Matrix) {
    precondition(
      features.columns == network.model.features && outputs.columns == network.outputs && outputs.rows == features.rows)
    withFlushToZero {
      var start = 0
      while start < features.rows {
        let rows = start..<min(start + Predictor.chunk, features.rows)
        let memory = workspace.workers[0]
        memory.begin(batchRows: rows.count) { _ in 0..<rows.count }
        memory.all.input.elements.copy(from: features.rows(rows).elements)
        memory.forward(Pass(mode: .inference, step: 0, batchRows: rows.count), among: workspace.shards) {}
        outputs.rows(rows).elements.copy(from: memory.all.output.elements)
        start = rows.upperBound
      }
    }
  }
}
