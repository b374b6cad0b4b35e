import LockstepData
import LockstepKernels
import LockstepModel

/// Bytes of memory that a network takes at most, by purpose.
package struct MemoryEstimate {
  /// Bytes by purpose, in the order in which errors name them.
  package let parts: [(purpose: String, bytes: Int)]

  /// Bytes in all.
  package var total: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// What training takes.
  ///
  /// - Parameters:
  ///   - size: how the batch is divided; only one micro-batch's activations are in memory.
  ///   - slots: of the optimizer, each as large as the parameters.
  ///   - isAveraged: whether there is an average of the weights, as large again.
  ///   - ranks: those of the run, of which this one has a part of the slots, and that part of the others' gradients.
  package init(
    training network: Network, _ size: WorkspaceSize, slots: Int, isAveraged: Bool = false, _ ranks: Ranks? = nil
  ) {
    let parameters = network.parameters.count
    let own = ranks.map { $0.owned(by: $0.rank).reduce(0) { $0 + $1.count } } ?? parameters
    let received = ranks?.foreignNodes ?? 0
    var elements = [
      ("parameters", parameters), ("gradients", parameters * size.gradientSlots + own * received),
      ("optimizer", own * slots),
      ("activations", Self.activations(network, size)),
    ]
    if isAveraged { elements.append(("average", parameters)) }
    self.parts = elements.map { ($0.0, $0.1 * MemoryLayout<Float>.stride) }
  }

  /// What inference takes.
  init(inferring network: Network, _ size: WorkspaceSize) {
    self.parts = [("parameters", network.parameters.count), ("activations", Self.activations(network, size))].map {
      ($0.0, $0.1 * MemoryLayout<Float>.stride)
    }
  }

  private static func activations(_ network: Network, _ size: WorkspaceSize) -> Int {
    size.runs.indices.reduce(0) { $0 + network.workspaceElements(of: $1, size) }
  }

  /// This and `bytes` more, taken for another purpose.
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
