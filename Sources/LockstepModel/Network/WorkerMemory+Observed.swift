import LockstepKernels

/// The passes once more, one operation at a time and on one worker, for whoever wants to know where their time goes.
extension WorkerMemory {
  /// - Parameter after: is told the path of every operation when it is done.
  package func forward(_ pass: Pass, _ exchange: Exchange, after: (String) -> Void) {
    for stage in network.stages {
      stage.operation.forward(self, pass, exchange)
      after(stage.path)
    }
  }

  /// - Parameters:
  ///   - rehearsing: whether the gradients of an operation's parameters are also computed alone before it, so that they
  ///     can be told from its input's.
  ///   - after: is told the path of every operation when it, or its rehearsal, is done.
  package func backward(
    _ pass: Pass, _ exchange: Exchange, rehearsing: Bool, after: (_ path: String, _ isRehearsal: Bool) -> Void
  ) {
    for stage in network.stages.reversed() {
      guard stage.goesBackward else { continue }
      if rehearsing && stage.wiring.isTrained {
        var operation = stage.operation
        operation.wiring.needsInputGradient = false
        operation.backward(self, pass, exchange)
        after(stage.path, true)
      }
      stage.operation.backward(self, pass, exchange)
      after(stage.path, false)
    }
  }
}

extension Network {
  /// Paths of the operations, in the order of the forward pass.
  package var layerPaths: [String] { stages.map(\.path) }
}
