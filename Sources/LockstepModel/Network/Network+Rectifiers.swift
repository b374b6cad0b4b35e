import LockstepKernels

/// A layer of rectifiers: ReLU, leaky ReLU, RReLU, PReLU. A unit passes what is above 0, and else nothing or a share of
/// it; of an image a channel is what a unit is otherwise, for all of its positions are made with the same weights.
package struct RectifierLayer: Sendable {
  /// Path such as `repeat0.3.relu0`.
  package let path: String
  /// Its place in the forward pass.
  package let stage: Int
  /// Of its output.
  let shape: Shape
  /// A value that is above 0 exactly where the rectifiers' argument is: the argument itself, or the result where that
  /// has taken its place.
  let value: Int

  /// Units, or an image's channels.
  package var channels: Int { shape.channels }
}

extension Network {
  /// The layers of rectifiers in the order of the forward pass.
  package var rectifiers: [RectifierLayer] {
    stages.enumerated().compactMap { index, stage in
      guard stage.content.layer?.isRectifier == true else { return nil }
      let wiring = stage.wiring
      return RectifierLayer(
        path: stage.path, stage: index, shape: wiring.outputShape,
        value: wiring.isApplied ? wiring.output : wiring.input)
    }
  }
}

extension WorkerMemory {
  /// Sets `flags[offset + u]` to 1 for every unit u, or channel, that some row has passed, at whatever position, as far
  /// as both are this member's.
  package func markActive(_ layer: RectifierLayer, in flags: Slots<UInt8>, at offset: Int) {
    let part = part(of: layer.shape)
    let first = team.channels(of: layer.shape).lowerBound
    all.value(layer.value).part(part).positions(of: layer.shape).markPositiveColumns(in: flags, at: offset + first)
  }
}
