import LockstepKernels

/// A layer of a built network, as whoever looks at its values meets it: in the order of the forward pass, every
/// repetition by itself.
package struct NetworkLayer: Sendable, Equatable {
  /// Path such as `repeat0.3.dense0`.
  package let path: String
  /// What it computes.
  package let kind: LayerKind
  /// Of its output.
  package let shape: Shape

  /// Numbers of its output, a row.
  package var units: Int { shape.count }

  /// Whether it is an image's, so that what is said of its units is said of its channels.
  package var isImage: Bool { shape.isImage }

  package init(path: String, kind: LayerKind, shape: Shape) { (self.path, self.kind, self.shape) = (path, kind, shape) }
}

extension Network {
  /// The layers whose values `WorkerMemory.forward(_:_:observing:)` shows.
  package var layers: [NetworkLayer] {
    stages.compactMap { stage in
      stage.content.layer.map { NetworkLayer(path: stage.path, kind: $0, shape: stage.wiring.outputShape) }
    }
  }

  /// For each of them the one whose output it reads; nil where that is the input. In a network whose stages are apart.
  package var layerInputs: [Int?] {
    var (makers, inputs): ([Int: Int], [Int?]) = ([:], [])
    for stage in stages where stage.content.layer != nil {
      inputs.append(makers[stage.wiring.input])
      makers[stage.wiring.output] = inputs.count - 1
    }
    return inputs
  }
}

extension WorkerMemory {
  /// The forward pass on this worker alone, which owns all shards.
  ///
  /// - Parameter observing: is shown every layer, by its place in `Network.layers`, and its output [rows, units] when
  ///   it is done. In a network whose stages are apart that is the layer's own value.
  package func forward(_ pass: Pass, _ exchange: Exchange, observing: (_ layer: Int, _ output: Matrix) -> Void) {
    var layer = 0
    for stage in network.stages {
      stage.operation.forward(self, pass, exchange)
      guard stage.content.layer != nil else { continue }
      observing(layer, stage.operation.output(all))
      layer += 1
    }
  }

  /// The backward pass, from the output gradients that the loss has written.
  ///
  /// - Parameter observing: is shown the gradient [rows, units] that reaches the output of every layer, from the last
  ///   to the first that is trained; what stands before that gets none.
  package func backward(_ pass: Pass, _ exchange: Exchange, observing: (_ layer: Int, _ gradient: Matrix) -> Void) {
    var layer = network.layers.count
    for stage in network.stages.reversed() {
      let isLayer = stage.content.layer != nil
      if isLayer { layer -= 1 }
      guard stage.goesBackward else { continue }
      if isLayer { observing(layer, stage.operation.outputGradient(all)) }
      stage.operation.backward(self, pass, exchange)
    }
  }
}
