/// A model that cannot be built: which layer, and what is wrong with it.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Path of the layer, such as `residual0.dense1`; empty for the model as a whole.
  public var layer: String
  /// What was found, and what was expected.
  public var problem: String
  /// What is wrong with the shapes, for those who say it in the words of a configuration; nil where it is something
  /// else.
  package var misfit: ShapeMisfit?

  /// The shapes up to there, `input 28 × 28 × 1, conv2d0 26 × 26 × 32`; empty where they have no part in it.
  package var shapes = ""

  /// An error of `layer`, or of the model as a whole.
  public init(layer: String = "", problem: String) {
    self.layer = layer
    self.problem = problem
  }

  /// In one line: where, and what.
  public var description: String {
    let place = layer.isEmpty ? "model" : "model, layer \(layer)"
    return shapes.isEmpty ? "\(place): \(problem)" : "\(place): \(problem) (\(shapes))"
  }
}

/// Layers whose shapes do not go together, or are too large.
package enum ShapeMisfit: Sendable, Equatable {
  /// More weights than a layer may have.
  case weights(LayerKey, inputs: Int, units: Int)
  /// The layers of a residual, whose key it is, turn `skip` into another shape, to which it cannot be added.
  case branch(LayerKey, skip: Shape, end: Shape)
  /// A layer that is not defined on the shape that it reads.
  case layer(LayerKey, found: String, expected: String)
}

extension ModelError {
  init(_ layer: PlacedLayer, _ problem: String, _ misfit: ShapeMisfit? = nil) {
    self.init(layer: layer.path, problem: problem)
    self.misfit = misfit
  }

  /// A layer on a shape that is not for it.
  init(_ layer: PlacedLayer, found: String, expected: String) {
    self.init(layer, "found \(found), expected \(expected)", .layer(layer.key, found: found, expected: expected))
  }
}
