import LockstepKernels

/// Where a residual's skip leaves. The forward pass does nothing here; in the backward pass dx gains what came through
/// the skip: dx = dy + dskip.
struct ResidualBeginOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {}

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    let (all, part) = (memory.all, memory.part(of: wiring.inputShape))
    let skip = all.valueGradient(wiring.skipGradient, width: wiring.inputShape.count)
    eachRun(inputGradient(all).part(part), skip.part(part)) { add($0, $1, into: $0) }
  }
}

/// Where a residual's projection begins. Neither pass does anything here: the value that it reads is there, and its
/// gradient stays where it is until that of the layers has come as far.
struct ProjectionOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {}

  func backward(_ memory: WorkerMemory, _ pass: Pass) {}
}

/// y = x + skip, where the branch meets the skip; in the backward pass dy goes to both.
struct ResidualEndOperation: LocalOperation {
  /// The value at the residual's beginning.
  let skip: Int
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    eachRun(input(all).part(part), all.value(skip).part(part), output(all).part(part)) { add($0, $1, into: $2) }
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    let skip = all.valueGradient(wiring.skipGradient, width: wiring.outputShape.count)
    eachRun(skip.part(part), outputGradient(all).part(part)) { $0.copy(from: $1) }
  }
}
