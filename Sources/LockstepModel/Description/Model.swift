/// The description of a network: the shape of a sample and a list of layers. `Trainer` builds it.
public struct Model: Sendable, Equatable {
  /// What a sample is to the first layer.
  public var input: Shape
  /// From the input to the output.
  public var layers: [Layer]

  /// Layers that are a list already. Nothing is checked here; what builds the model throws where it is impossible.
  public init(input: Shape, layers: [Layer]) {
    self.input = input
    self.layers = layers
  }

  /// The same of samples that are a row of numbers.
  public init(features: Int, layers: [Layer]) { self.init(input: .features(features), layers: layers) }

  /// ```swift
  /// Model(features: 64) {
  ///   Dense(256)
  ///   ReLU()
  ///   Dense(10)
  /// }
  /// ```
  public init(features: Int, @LayerBuilder layers: () -> [Layer]) {
    self.init(features: features, layers: layers())
  }

  /// ```swift
  /// Model(input: .image(height: 28, width: 28, channels: 1)) {
  ///   Flatten()
  ///   Dense(10)
  /// }
  /// ```
  public init(input: Shape, @LayerBuilder layers: () -> [Layer]) {
    self.init(input: input, layers: layers())
  }

  /// Numbers of a sample that the first layer takes.
  public var features: Int { input.count }
}

/// Makes the list of layers that a `Model`, a `Repeat` or a `Residual` is written with, one a line.
@resultBuilder
public enum LayerBuilder {
  /// A line such as `Dense(256)`.
  public static func buildExpression(_ layer: some LayerConvertible) -> [Layer] { [layer.layer] }
  /// A line that is a `Layer`.
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  /// A line that is a list of layers, made elsewhere.
  public static func buildExpression(_ layers: [Layer]) -> [Layer] { layers }
  /// All lines, in their order.
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  /// What a `for` loop makes.
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
  /// What an `if` without `else` makes.
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  /// What an `if` makes where it holds.
  public static func buildEither(first part: [Layer]) -> [Layer] { part }
  /// What the `else` makes.
  public static func buildEither(second part: [Layer]) -> [Layer] { part }
}
