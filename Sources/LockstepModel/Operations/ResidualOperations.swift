import LockstepKernels

/// Where a residual's skip leaves. The forward pass does nothing here; in the backward pass dx gains what came through
/// the skip: dx = dy + dskip.
struct ResidualBeginOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {}

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    let dx = inputGradient(memory.all).elements
    add(dx, memory.all.valueGradient(wiring.skipGradient, width: wiring.inputShape.count).elements, into: dx)
  }
}

/// y = x + skip, where the branch meets the skip; in the backward pass dy goes to both.
struct ResidualEndOperation: LocalOperation {
  /// The value at the residual's beginning.
  let skip: Int
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    add(input(memory.all).elements, memory.all.value(skip).elements, into: output(memory.all).elements)
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    memory.all.valueGradient(wiring.skipGradient, width: wiring.outputShape.count).elements.copy(
      from: outputGradient(memory.all).elements)
  }
}
