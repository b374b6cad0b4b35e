import LockstepDeclarations

/// The layers of images, as configurations name them.
extension Layer {
  static let imageDeclarations = [
    convolutionDeclaration, depthwiseDeclaration, maxPoolDeclaration, averagePoolDeclaration, globalAverageDeclaration,
    flattenDeclaration, spatialDropoutDeclaration,
  ]

  private static let kernel = Setting.extent("kernel", .side, "rows and columns of the kernel").required
  private static let stride = Setting.extent("stride", .side, "pixels from one position to the next")
  private static let padding = Setting.word(
    "padding", Padding.self,
    "where it may stand: inside the image, or at every pixel (of stride 1) with zeros around, as TensorFlow counts them"
  )
  private static let dilation = Setting.extent(
    "dilation", .side, "pixels from one row or column of the kernel to the next")
  private static let initializer = Setting.thing("initializer", Initializer.self, "how W starts").following
  private static let bias = Setting.flag("bias", "whether there is b").following
  private static let biasInitializer = Setting.thing("bias_initializer", Initializer.self, "how b starts")
    .absent("no bias_initializer where bias is false")

  private static let convolutionDeclaration = Declaration<Layer>(
    "conv2d", .convolution(Conv2D(1, kernel: 1)), main: "filters",
    "y = x ∗ W + b on images, W [kernel height, kernel width, channels, filters], b [filters] — LeCun et al. 1989",
    Setting.integer("filters", .size, "channels that it gives").required, kernel, stride, padding, dilation,
    initializer, bias, biasInitializer, LayerTraining.trainable, LayerTraining.factor,
    make: {
      var convolution = Conv2D(
        $0, kernel: $1, stride: $2, padding: $3, dilation: $4, initializer: $5, bias: $6,
        biasInitializer: $7 ?? .zeros)
      convolution.training = LayerTraining($8, $9)
      return .convolution(convolution)
    },
    take: {
      guard case .convolution(let one) = $0 else { return nil }
      return (
        one.filters, one.kernel, one.stride, one.padding, one.dilation, one.initializer, one.bias,
        one.bias != false ? one.biasInitializer : nil, one.training.writtenTrainable, one.training.writtenFactor
      )
    })

  private static let depthwiseDeclaration = Declaration<Layer>(
    "depthwise_conv2d", .depthwiseConvolution(DepthwiseConv2D(kernel: 1)), main: "kernel",
    "a kernel for every channel of an image, W [kernel height, kernel width, channels] — Chollet 2017, https://arxiv.org/abs/1610.02357",
    kernel, stride, padding, dilation, initializer, bias, biasInitializer, LayerTraining.trainable,
    LayerTraining.factor,
    make: {
      var convolution = DepthwiseConv2D(
        kernel: $0, stride: $1, padding: $2, dilation: $3, initializer: $4, bias: $5, biasInitializer: $6 ?? .zeros)
      convolution.training = LayerTraining($7, $8)
      return .depthwiseConvolution(convolution)
    },
    take: {
      guard case .depthwiseConvolution(let one) = $0 else { return nil }
      return (
        one.kernel, one.stride, one.padding, one.dilation, one.initializer, one.bias,
        one.bias != false ? one.biasInitializer : nil, one.training.writtenTrainable, one.training.writtenFactor
      )
    })

  private static let size = Setting.extent("size", .side, "rows and columns of a window").required
  private static let poolStride = Setting.extent(
    "stride", .side, "pixels from one window to the next; size unless told"
  )
  .following

  private static let maxPoolDeclaration = Declaration<Layer>(
    "max_pool", .maxPool(PoolWindows(1)), main: "size", "the largest of every window of an image, a channel each",
    size, poolStride, padding,
    make: { .maxPool(PoolWindows($0, stride: $1, padding: $2)) },
    take: { if case .maxPool(let pool) = $0 { (pool.size, pool.stride, pool.padding) } else { nil } })

  private static let averagePoolDeclaration = Declaration<Layer>(
    "average_pool", .averagePool(PoolWindows(1)), main: "size",
    "the mean of every window of an image, a channel each, over the pixels inside", size, poolStride, padding,
    make: { .averagePool(PoolWindows($0, stride: $1, padding: $2)) },
    take: { if case .averagePool(let pool) = $0 { (pool.size, pool.stride, pool.padding) } else { nil } })

  private static let globalAverageDeclaration = Declaration<Layer>(
    "global_average_pool", .globalAveragePool,
    "the mean of every channel over the whole image — Lin, Chen, Yan 2013, https://arxiv.org/abs/1312.4400")

  private static let flattenDeclaration = Declaration<Layer>(
    "flatten", .flatten, "an image as a row of numbers, in the order of (row, column, channel)")

  private static let spatialDropoutDeclaration = Declaration<Layer>(
    "spatial_dropout", .spatialDropout(SpatialDropout(rate: 0)), main: "rate",
    "whole channels 0 with probability rate in training, and the others divided by 1 − rate — Tompson et al. 2015, https://arxiv.org/abs/1411.4280",
    Setting.single("rate", .belowOne, "the share of channels that are set to 0").required,
    make: { .spatialDropout(SpatialDropout(rate: $0)) },
    take: { if case .spatialDropout(let dropout) = $0 { dropout.rate } else { nil } })
}
