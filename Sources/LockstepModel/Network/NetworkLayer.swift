import LockstepKernels

/// A layer of a built network, as whoever looks at its values meets it: in the order of the way forward, every
/// repetition by itself.
package struct NetworkLayer: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case dense
    case batchNorm
    case function(ActivationFunction)
    case prelu
    case rrelu
    case dropout
    case alphaDropout
    /// The sum of a residual's branch and its skip.
    case residual
  }

  /// Path such as `repeat0.3.dense0`.
  package let path: String
  package let kind: Kind
  package let units: Int

  package init(path: String, kind: Kind, units: Int) { (self.path, self.kind, self.units) = (path, kind, units) }
}

extension NetworkLayer.Kind {
  /// nil for a stage that makes no value of its own: where a residual's skip leaves.
  init?(_ operation: any Operation) {
    switch operation {
    case is DenseOperation: self = .dense
    case is ShardBatchNormOperation, is SynchronizedBatchNormOperation: self = .batchNorm
    case let activation as ActivationOperation: self = .function(activation.function)
    case is ParametricReLUOperation: self = .prelu
    case let random as RandomOperation:
      switch random.kind {
      case .randomizedReLU: self = .rrelu
      case .dropout: self = .dropout
      case .alphaDropout: self = .alphaDropout
      }
    case is ResidualEndOperation: self = .residual
    default: return nil
    }
  }

  /// The word that configurations use.
  package var name: String {
    switch self {
    case .dense: "dense"
    case .batchNorm: "batch_norm"
    case .function(let function): function.name
    case .prelu: "prelu"
    case .rrelu: "rrelu"
    case .dropout: "dropout"
    case .alphaDropout: "alpha_dropout"
    case .residual: "residual"
    }
  }

  package var isActivation: Bool {
    switch self {
    case .function, .prelu, .rrelu: true
    case .dense, .batchNorm, .dropout, .alphaDropout, .residual: false
    }
  }

  /// Whether it passes what is above 0 and takes what is below by a constant slope, or to 0: such a unit can be on that
  /// side for every sample.
  package var isRectifier: Bool {
    switch self {
    case .function(.relu), .function(.leakyReLU), .prelu, .rrelu: true
    default: false
    }
  }
}

extension NetworkLayer.Kind {
  /// The dense layers among a network's layers or stages, and for each the place where its signal is looked at: the
  /// first activation that follows before the next dense layer, or else the last BatchNorm, or else itself.
  package static func signals(_ kinds: [NetworkLayer.Kind?]) -> [(dense: Int, signal: Int)] {
    let places = kinds.indices.filter { kinds[$0] == .dense }
    return zip(places, places.dropFirst() + [kinds.endIndex]).map { place, end in
      let activation = (place..<end).first { kinds[$0]?.isActivation == true }
      return (place, activation ?? (place..<end).last { kinds[$0] == .batchNorm } ?? place)
    }
  }
}

extension Network {
  /// The layers whose values `WorkerMemory.forward(_:observing:)` shows.
  package var layers: [NetworkLayer] {
    stages.compactMap { stage in
      NetworkLayer.Kind(stage.operation).map {
        NetworkLayer(path: stage.operation.path, kind: $0, units: stage.operation.wiring.outputWidth)
      }
    }
  }
}

extension WorkerMemory {
  /// The way forward on this worker alone, which owns all shards.
  ///
  /// - Parameter observing: is shown every layer, by its place in `Network.layers`, and its output [rows, units] when
  ///   it is done. In a network whose stages are apart that is the layer's own value.
  package func forward(_ pass: Pass, observing: (_ layer: Int, _ output: Matrix) -> Void) {
    var layer = 0
    for stage in network.stages {
      let operation = stage.operation
      operation.forward(self, pass, among: shards) {}
      guard NetworkLayer.Kind(operation) != nil else { continue }
      observing(layer, operation.output(all))
      layer += 1
    }
  }

  /// The way back, from the output gradients that the loss has written.
  ///
  /// - Parameter observing: is shown the gradient [rows, units] that reaches the output of every layer, from the last
  ///   to the first that has parameters; what stands before that gets none.
  package func backward(_ pass: Pass, observing: (_ layer: Int, _ gradient: Matrix) -> Void) {
    var layer = network.layers.count
    for stage in network.stages.reversed() {
      let operation = stage.operation
      let isLayer = NetworkLayer.Kind(operation) != nil
      if isLayer { layer -= 1 }
      guard operation.wiring.needsInputGradient || operation.hasParameters else { continue }
      if isLayer { observing(layer, operation.outputGradient(all)) }
      operation.backward(self, pass, among: shards) {}
    }
  }
}
