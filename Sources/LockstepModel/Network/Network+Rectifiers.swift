import LockstepKernels

/// A layer of rectifiers: ReLU, leaky ReLU, RReLU, PReLU. A unit passes what is above 0, and else nothing or a share of
/// it.
package struct RectifierLayer: Sendable {
  package let path: String
  /// Its place on the way forward.
  package let stage: Int
  package let units: Int
  /// A value that is above 0 exactly where the rectifiers' argument is: the argument itself, or the result where that
  /// has taken its place.
  let value: Int
}

extension Network {
  /// The layers of rectifiers in the order of the way forward.
  package var rectifiers: [RectifierLayer] {
    stages.enumerated().compactMap { index, stage in
      let operation = stage.operation
      func layer(_ value: Int) -> RectifierLayer {
        RectifierLayer(path: operation.path, stage: index, units: operation.wiring.outputWidth, value: value)
      }
      switch operation {
      case let activation as ActivationOperation where activation.function.isRectifier:
        return layer(activation.isApplied ? activation.wiring.output : activation.wiring.input)
      case is ParametricReLUOperation: return layer(operation.wiring.input)
      case let random as RandomOperation:
        if case .randomizedReLU = random.kind { return layer(random.wiring.input) }
        return nil
      default: return nil
      }
    }
  }
}

extension ActivationFunction {
  fileprivate var isRectifier: Bool {
    switch self {
    case .relu, .leakyReLU: true
    default: false
    }
  }
}

extension WorkerMemory {
  /// Sets `flags[offset + u]` to 1 for every unit u that some row of the worker's has passed.
  package func markActive(_ layer: RectifierLayer, in flags: Slots<UInt8>, at offset: Int) {
    all.value(layer.value).markPositiveColumns(in: flags, at: offset)
  }
}
