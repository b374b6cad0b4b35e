import LockstepKernels

/// Where a residual's skip leaves. The forward pass does nothing here; in the backward pass dx gains what came through
/// the skip: dx = dy + dskip, multiplied by the derivative of the activation before it, if that is to be.
struct ResidualBeginOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {}

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    guard wiring.needsInputGradient else { return }
    let (all, part) = (memory.all, memory.part(of: wiring.inputShape))
    let skip = all.valueGradient(wiring.skipGradient, width: wiring.inputShape.count).part(part)
    let dx = inputGradient(all).part(part)
    guard let function = wiring.inputActivation else { return eachRun(dx, skip) { add($0, $1, into: $0) } }
    eachRun(dx, skip, input(all).part(part)) { dx, skip, value in
      dx.eachBlock { block in
        add(dx[block], skip[block], into: dx[block])
        function.backward(x: value[block], y: value[block], dy: dx[block], into: dx[block])
      }
    }
  }
}

/// Where a residual's projection begins. Neither pass does anything here: the value that it reads is there, and its
/// gradient stays where it is until that of the layers has come as far.
struct ProjectionOperation: LocalOperation {
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {}

  func backward(_ memory: WorkerMemory, _ pass: Pass) {}
}

/// y = f(x + skip), where the branch meets the skip, f the activation that follows, if any; in the backward pass dy
/// goes to both.
struct ResidualEndOperation: LocalOperation {
  /// The value at the residual's beginning.
  let skip: Int
  var wiring: Wiring

  func forward(_ memory: WorkerMemory, _ pass: Pass) {
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    eachRun(input(all).part(part), all.value(skip).part(part), output(all).part(part)) { x, skip, y in
      y.eachBlock { block in
        add(x[block], skip[block], into: y[block])
        wiring.activation?.forward(y[block], into: y[block])
      }
    }
  }

  func backward(_ memory: WorkerMemory, _ pass: Pass) {
    // The branch's last layer most often writes elsewhere, so that dy stays for the skip where it is.
    guard wiring.needsInputGradient, wiring.skipGradient != wiring.outputGradient else { return }
    let (all, part) = (memory.all, memory.part(of: wiring.outputShape))
    let skip = all.valueGradient(wiring.skipGradient, width: wiring.outputShape.count)
    eachRun(skip.part(part), outputGradient(all).part(part)) { $0.copy(from: $1) }
  }
}
