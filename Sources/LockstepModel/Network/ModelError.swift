/// A model that cannot be built: which layer, and what is wrong with it.
public struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Path of the layer, such as `residual0.dense1`; empty for the model as a whole.
  public var layer: String
  public var problem: String

  public init(layer: String = "", problem: String) {
    self.layer = layer
    self.problem = problem
  }

  public var description: String { layer.isEmpty ? "model: \(problem)" : "model, layer \(layer): \(problem)" }
}
