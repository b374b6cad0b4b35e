import LockstepKernels

/// The products of a step, those of convolutions among them, as one worker makes them, in the same memory and dealt in
/// the same way, and nothing else: no bias, no activation, no other layer, and no waiting for the other members of its
/// team but between micro-batches. So what stands in memory afterwards is no result.
///
/// Numbers that a processor is slow with, such as denormals, must not come of it: by `prepare` and `spread` every
/// gradient stays about 1, however often the products are made, and every value about inputs / units of its layers.
package struct WorkerProducts: Sendable {
  private let memory: WorkerMemory
  private let layers: [any ProductOperation]

  package init(_ memory: WorkerMemory) {
    self.memory = memory
    layers = memory.network.stages.compactMap { ($0.operation as? any ProductOperation)?.productsAlone }
  }

  /// Fills the worker's share of the values and their gradients.
  package func prepare() { memory.fillValues(1) }

  /// Makes every weight 1 / units, so that a gradient passes as it is; a filter's 1 / (its places · filters).
  package static func spread(_ parameters: Arena, of network: Network) {
    for entry in network.parameters.entries where entry.role == .weight {
      parameters.vector(entry).fill(1 / Float(entry.shape.fans.out))
    }
  }

  /// Those of a forward and a backward pass over all micro-batches.
  ///
  /// - Parameter rows: of shard k of the batch.
  package func multiply(in precision: Precision, rows: (Int) -> Range<Int>) {
    for index in 0..<memory.microBatchCount {
      memory.begin(microBatch: index, rows: rows)
      for layer in layers { layer.multiplyForOutput(memory, precision) }
      for layer in layers.reversed() {
        if layer.wiring.isTrained { layer.multiplyForWeight(memory, precision) }
        if layer.wiring.needsInputGradient { layer.multiplyForInput(memory, precision) }
      }
    }
  }
}
