import LockstepDeclarations
import LockstepKernels

/// A tensor that a layer learns: what it is to the layer, its shape, and how it starts.
package struct LayerTensor: Sendable {
  /// What it is to the layer; with the layer's path its name.
  package let role: ParameterLayout.Role
  /// What its axes mean.
  package let shape: TensorShape
  /// What it is filled with before training.
  let initializer: Initializer
}

extension Layer {
  /// The word that paths and configurations use.
  package var word: String {
    switch self {
    case .dense: "dense"
    case .convolution: "conv2d"
    case .depthwiseConvolution: "depthwise_conv2d"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .flatten: "flatten"
    case .batchNorm: "batch_norm"
    case .activation(let activation): activation.name
    case .dropout: "dropout"
    case .spatialDropout: "spatial_dropout"
    case .alphaDropout: "alpha_dropout"
    case .repeated: "repeat"
    case .residual: "residual"
    }
  }

  /// What it learns where it reads values of the shape `input`, in the order of the arena. What is inside a repeat or a
  /// residual is not its own.
  func parameters(reading input: Shape) -> [LayerTensor] {
    switch self {
    case .dense(let dense):
      return dense.tensors(.matrix(inputs: input.count, units: dense.units))
    case .convolution(let convolution):
      return convolution.tensors(
        .filters(
          height: convolution.kernel.height, width: convolution.kernel.width, channels: input.channels,
          filters: convolution.filters))
    case .depthwiseConvolution(let convolution):
      return convolution.tensors(
        .depthwise(height: convolution.kernel.height, width: convolution.kernel.width, channels: input.channels))
    case .batchNorm:
      let shape = TensorShape.vector(input.channels)
      return [
        LayerTensor(role: .gamma, shape: shape, initializer: .ones),
        LayerTensor(role: .beta, shape: shape, initializer: .zeros),
      ]
    case .activation(.prelu(let initial, let slopes, _)):
      let shape = TensorShape.vector(slopes == .shared ? 1 : input.channels)
      return [LayerTensor(role: .slope, shape: shape, initializer: .constant(initial))]
    case .activation(.function), .activation(.rrelu), .activation(.custom), .maxPool, .averagePool, .globalAveragePool,
      .flatten, .dropout, .spatialDropout, .alphaDropout, .repeated, .residual:
      return []
    }
  }

  /// The shape that it gives for `place.input`; elementwise layers give the shape that they read.
  ///
  /// - Throws: `ModelError` where it is not defined on that shape, or has no units or too many weights.
  func output(of place: PlacedLayer) throws(ModelError) -> Shape {
    switch self {
    case .dense(let dense):
      guard case .features(let inputs) = place.input else {
        throw ModelError(
          place, found: "an image of \(place.input)",
          expected: "features: put `flatten` or `global_average_pool` before it")
      }
      try checkCount(dense.units, "units", place)
      try check(.matrix(inputs: inputs, units: dense.units), place)
      return .features(dense.units)
    case .convolution(let convolution):
      try checkCount(convolution.filters, "filters", place)
      return try over(place).result
    case .depthwiseConvolution, .maxPool, .averagePool: return try over(place).result
    case .globalAveragePool: return .features(try image(of: place).channels)
    case .flatten: return .features(place.input.count)
    case .spatialDropout:
      _ = try image(of: place)
      return place.input
    case .batchNorm, .activation, .dropout, .alphaDropout, .repeated, .residual: return place.input
    }
  }

  /// How it passes over the images that it reads; nil for layers that do not.
  func windows(over input: Shape) -> ConvolutionShape? {
    guard case .image(let height, let width, let channels) = input else { return nil }
    let image = Extent(height, width)
    return switch self {
    case .convolution(let convolution):
      convolution.window.over(image, channels: channels, filters: convolution.filters)
    case .globalAveragePool:
      Window(kernel: image, stride: 1, padding: .valid).over(image, channels: channels)
    default: window?.over(image, channels: channels)
    }
  }

  /// What passes over the images that it reads.
  private var window: Window? {
    switch self {
    case .convolution(let convolution): convolution.window
    case .depthwiseConvolution(let convolution): convolution.window
    case .maxPool(let windows), .averagePool(let windows): windows.window
    case .dense, .globalAveragePool, .flatten, .batchNorm, .activation, .dropout, .spatialDropout, .alphaDropout,
      .repeated, .residual:
      nil
    }
  }

  private func image(of place: PlacedLayer) throws(ModelError) -> (extent: Extent, channels: Int) {
    guard case .image(let height, let width, let channels) = place.input else {
      throw ModelError(
        place, found: "\(place.input) features",
        expected: "an image: data with an image's shape, and no `flatten` or `global_average_pool` before it")
    }
    return (Extent(height, width), channels)
  }

  /// How its window passes over the images that it reads.
  private func over(_ place: PlacedLayer) throws(ModelError) -> ConvolutionShape {
    let (image, _) = try image(of: place)
    guard let window else { preconditionFailure("\(place.path) has no window") }
    // Before anything is multiplied, so that no product overflows.
    for (name, extent) in [("kernel", window.kernel), ("stride", window.stride), ("dilation", window.dilation)] {
      let sides = IntegerRule.side.range
      guard sides.contains(extent.height), sides.contains(extent.width) else {
        throw ModelError(
          place, found: "a \(name) of \(extent.text)", expected: "\(sides.lowerBound) to \(sides.upperBound) each way")
      }
    }
    for tensor in place.parameters where tensor.role == .weight { try check(tensor.shape, place) }
    guard let shape = windows(over: place.input) else {
      let reach = window.reach
      throw ModelError(
        place, found: "an image of \(image.text), smaller than the \(reach.text) that its window reaches over",
        expected: "a smaller window, or padding: same")
    }
    guard shape.outputs <= Model.widest else {
      throw ModelError(place, found: "\(shape.outputs) numbers", expected: "at most \(Model.widest)")
    }
    return shape
  }

  private func checkCount(_ count: Int, _ noun: String, _ place: PlacedLayer) throws(ModelError) {
    guard count >= 1 else { throw ModelError(place, "found \(count) \(noun), expected at least 1") }
  }

  private func check(_ weight: TensorShape, _ place: PlacedLayer) throws(ModelError) {
    let (count, overflow) = weight.rows.multipliedReportingOverflow(by: weight.columns)
    guard weight.columns <= Model.widest, !overflow, count <= 1 << 34 else {
      throw ModelError(
        place, "found \(weight.rows) × \(weight.columns) weights, expected at most 2³⁴",
        .weights(place.key, inputs: weight.rows, units: weight.columns))
    }
  }
}

extension WeightedLayer {
  /// The weight, and the bias where there is one: a number a unit, filter or channel.
  fileprivate func tensors(_ weight: TensorShape) -> [LayerTensor] {
    let bias = LayerTensor(role: .bias, shape: .vector(weight.columns), initializer: biasInitializer)
    let initializer = initializer ?? Initializer(fitting: nil)
    return [LayerTensor(role: .weight, shape: weight, initializer: initializer)] + (self.bias == false ? [] : [bias])
  }
}

extension ConvolutionShape {
  /// What it makes of an image.
  var result: Shape { .image(height: output.height, width: output.width, channels: filters) }
}
