/// A network as a person describes it: the number of input features and a list of layers.
public struct Model: Sendable, Equatable {
  public var features: Int
  public var layers: [Layer]

  public init(features: Int, layers: [Layer]) {
    self.features = features
    self.layers = layers
  }

  public init(features: Int, @LayerBuilder layers: () -> [Layer]) {
    self.init(features: features, layers: layers())
  }
}

/// Lets a model be written as a list of layers.
@resultBuilder
public enum LayerBuilder {
  public static func buildExpression(_ layer: some LayerConvertible) -> [Layer] { [layer.layer] }
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  public static func buildExpression(_ layers: [Layer]) -> [Layer] { layers }
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  public static func buildEither(first part: [Layer]) -> [Layer] { part }
  public static func buildEither(second part: [Layer]) -> [Layer] { part }
}
