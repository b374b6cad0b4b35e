/// Which rows of numbers of a model are images, and which are flattened ones.
///
/// Lockstep has channels last, so that `flatten` gives (row, column, channel). What has them first gives (channel, row,
/// column), and so in another order whatever such a row passes number by number, and whatever is added to it:
/// ```
/// number (position · channels + channel) here = number (channel · positions + position) there
/// ```
/// A dense layer can give its units in any order, one that its weight's columns have; other layers cannot.
package struct FlattenedImages: Sendable {
  /// The rows of a layer. Channels are those of the flattened image that a row is; 1 where it is none, or has the same
  /// order either way.
  package struct Rows: Sendable, Equatable {
    /// Channels of what the layer reads.
    package var input = 1
    /// Channels of what it gives.
    package var output = 1
    /// Whether what it gives are images that are not flattened.
    package var areImages = false

    package init() {}
  }

  /// By the path of a layer.
  private var layers: [String: Rows] = [:]
  /// Channels of what the model gives, as a row of numbers.
  package private(set) var output = 1
  /// What is wrong where channels are first: rows are added that have one order here and several there.
  package private(set) var conflict: ModelError?

  /// The rows of the layer of a path.
  package subscript(path: String) -> Rows { layers[path] ?? Rows() }

  /// - Throws: `ModelError` where the model is impossible.
  package init(of model: Model) throws(ModelError) {
    let layers = try InferenceLayer.layers(of: model)
    var shapes = [0: model.input]
    for layer in layers { shapes[layer.output] = layer.shape }
    func flattened(_ layer: InferenceLayer) -> Shape? {
      guard layer.operation == .flatten, let shape = shapes[layer.input], case .image = shape else { return nil }
      return shape
    }
    let orders = SharedOrders(layers, flattened)
    // Of each group of rows in one order.
    var found: [Int: Int] = [:]
    for layer in layers {
      let channels: Int
      if let image = flattened(layer) {
        channels = Self.channels(flattening: image)
      } else if layer.operation == .globalAveragePool {
        channels = 1
      } else {
        continue
      }
      let other = found.updateValue(channels, forKey: orders.group(of: layer.output))
      if let other, other != channels {
        conflict = ModelError(
          layer: layer.path,
          problem: "found a row that is added to one of another order where channels are first, expected one order")
      }
    }
    func channels(_ value: Int) -> Int { found[orders.group(of: value)] ?? 1 }
    for layer in layers {
      var rows = Rows()
      (rows.input, rows.output) = (channels(layer.input), channels(layer.output))
      if case .image = layer.shape { rows.areImages = true }
      self.layers[layer.path] = rows
    }
    output = channels(layers.last?.output ?? 0)
    if let last = layers.last?.shape, case .image = last { output = Self.channels(flattening: last) }
  }

  /// 1 where both orders are the same.
  private static func channels(flattening image: Shape) -> Int { image.positions == 1 ? 1 : image.channels }
}

/// Values whose numbers stand in one order, because one is made of the other number by number, or both are added.
private struct SharedOrders {
  /// A value of the same group that has been met before; the first of a group has none.
  private var earlier: [Int: Int] = [:]

  /// - Parameter flattened: the image that a layer flattens; nil where it passes a row on, or is another.
  init(_ layers: [InferenceLayer], _ flattened: (InferenceLayer) -> Shape?) {
    for layer in layers {
      switch layer.operation {
      case .flatten where flattened(layer) != nil: break
      case .batchNorm, .function, .custom, .prelu, .sum, .flatten:
        for value in layer.inputs { join(value, layer.output) }
      case .dense, .convolution, .depthwiseConvolution, .maxPool, .averagePool, .globalAveragePool: break
      }
    }
  }

  /// One value that stands for the whole group.
  func group(of value: Int) -> Int {
    var value = value
    while let next = earlier[value] { value = next }
    return value
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (group(of: a), group(of: b))
    if first != second { earlier[max(first, second)] = min(first, second) }
  }
}
