import LockstepKernels
import LockstepModel

/// Bytes of memory that a network takes at most, by purpose.
package struct MemoryEstimate {
  package let parts: [(purpose: String, bytes: Int)]
  /// Gradient slots that may never be touched: they cost addresses, and memory only where shards cannot share a slot.
  private let spare: Int

  package var total: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// What training takes.
  ///
  /// - Parameters:
  ///   - rows: of the whole batch, cut into `shards`.
  ///   - slots: of the optimizer, each as large as the parameters.
  package init(training network: Network, rows: Int, shards: Int, slots: Int, targetColumns: Int) {
    let parameters = network.parameters.count
    let workspace = network.workspaceElements(rows: (rows + shards - 1) / shards, targetColumns: targetColumns)
    parts = [
      ("parameters", parameters), ("gradients, one a shard", parameters * shards), ("optimizer", parameters * slots),
      ("activations", workspace * shards),
    ].map { ($0.0, $0.1 * MemoryLayout<Float>.stride) }
    spare = parameters * (shards - 1) * MemoryLayout<Float>.stride
  }

  /// What inference takes, of `rows` rows at a time.
  init(predicting network: Network, rows: Int) {
    let workspace = network.workspaceElements(rows: rows, targetColumns: 1)
    parts = [("parameters", network.parameters.count), ("activations", workspace)].map {
      ($0.0, $0.1 * MemoryLayout<Float>.stride)
    }
    spare = 0
  }

  /// Throws where this process cannot have so much: said before memory is taken, because the system ends a process that
  /// takes too much.
  ///
  /// - Parameter copies: networks that stand beside each other.
  package func check(copies: Int = 1) throws(TrainingError) {
    let (memory, addresses) = (MachineMemory.bytes, MachineMemory.addresses)
    let largest = parts.map(\.bytes).max() ?? 0
    let fits = total - spare <= memory / copies && largest <= memory && total <= addresses / copies
    guard !fits else { return }
    let parts = parts.map { "\(Self.mebibytes($0.bytes)) \($0.purpose)" }.joined(separator: ", ")
    let times = copies > 1 ? " on each of \(copies) thread counts" : ""
    throw .setting(
      "the network takes \(Self.mebibytes(total)) of memory\(times) (\(parts)), and there are "
        + "\(Self.mebibytes(min(memory, addresses))). Take a smaller training.batch_size, fewer training.shards, or smaller layers."
    )
  }

  private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
