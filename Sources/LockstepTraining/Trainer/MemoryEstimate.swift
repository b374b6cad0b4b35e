import LockstepData
import LockstepKernels
import LockstepModel

/// Bytes of memory that a network takes at most, by purpose.
package struct MemoryEstimate {
  package let parts: [(purpose: String, bytes: Int)]

  package var total: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// What training takes.
  ///
  /// - Parameters:
  ///   - rows: of the whole batch, cut into `shards`.
  ///   - threads: that share the shards.
  ///   - parts: in which each goes through its shards: only one part's activations are in memory.
  ///   - slots: of the optimizer, each as large as the parameters.
  ///   - isAveraged: whether there is an average of the weights, as large again.
  package init(
    training network: Network, rows: Int, shards: Int, threads: Int, parts: Int = 1, slots: Int,
    isAveraged: Bool = false, targetColumns: Int
  ) {
    let parameters = network.parameters.count
    let runs = (0..<threads).map { Shard.owned(by: $0, of: threads, shards: shards) }
    let workspace = runs.reduce(0) {
      $0
        + network.workspaceElements(
          run: $1, of: shards, parts: parts, shardRows: (rows + shards - 1) / shards, targetColumns: targetColumns)
    }
    var elements = [
      ("parameters", parameters), ("gradients", parameters * Workspace.slots(shards: shards, runs: runs, parts: parts)),
      ("optimizer", parameters * slots), ("activations", workspace),
    ]
    if isAveraged { elements.append(("average", parameters)) }
    self.parts = elements.map { ($0.0, $0.1 * MemoryLayout<Float>.stride) }
  }

  /// What inference takes of `rows` rows at a time, cut into `shards`, which `threads` share.
  init(
    inferring network: Network, rows: Int, shards: Int, threads: Int, parts: Int = 1, targetColumns: Int = 1
  ) {
    let workspace = (0..<threads).reduce(0) {
      $0
        + network.workspaceElements(
          run: Shard.owned(by: $1, of: threads, shards: shards), of: shards, parts: parts,
          shardRows: (rows + shards - 1) / shards, targetColumns: targetColumns, goesBackward: false)
    }
    self.parts = [("parameters", network.parameters.count), ("activations", workspace)].map {
      ($0.0, $0.1 * MemoryLayout<Float>.stride)
    }
  }

  /// The same with `bytes` more, taken for another purpose.
  package func adding(_ purpose: String, bytes: Int) -> MemoryEstimate {
    MemoryEstimate(parts: parts + [(purpose, bytes)])
  }

  private init(parts: [(purpose: String, bytes: Int)]) { self.parts = parts }

  /// Throws where this process cannot have so much: said before memory is taken, because the system ends a process that
  /// takes too much.
  ///
  /// - Parameter copies: networks that stand beside each other.
  package func check(copies: Int = 1) throws(TrainingError) {
    let (memory, addresses) = (MachineMemory.bytes, MachineMemory.addresses)
    let largest = parts.map(\.bytes).max() ?? 0
    let fits = total <= memory / copies && largest <= memory && total <= addresses / copies
    if fits, MachineMemory.grants(total * copies) { return }
    let parts = parts.map { "\(Self.mebibytes($0.bytes)) \($0.purpose)" }.joined(separator: ", ")
    let times = copies > 1 ? " on each of \(copies) thread counts" : ""
    throw .setting(
      "the network takes \(Self.mebibytes(total)) of memory\(times) (\(parts)), and "
        + "\(fits ? "the system does not grant so much at present" : "there are \(Self.mebibytes(min(memory, addresses)))"). Take a smaller training.batch_size, a larger training.accumulate, fewer training.shards, or smaller layers."
    )
  }

  private static func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
