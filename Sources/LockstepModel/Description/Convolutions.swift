import LockstepDeclarations

/// A layer with weights that multiply what it reads: how they start, and whether a bias is added. A nil follows from
/// the layers behind it.
package protocol WeightedLayer: LayerConvertible, Sendable {
  var initializer: Initializer? { get set }
  var bias: Bool? { get set }
  var biasInitializer: Initializer { get set }
  var training: LayerTraining { get set }
}

/// What of an image's edge a window may pass.
public enum Padding: String, Sendable, Equatable, CaseIterable {
  /// Nothing: ⌊(pixels − reach) / stride⌋ + 1 positions, reach = (kernel − 1) · dilation + 1.
  case valid
  /// ⌈pixels / stride⌉ positions, with zeros around the image: half of them, rounded down, before it and the rest
  /// behind, as TensorFlow counts; pooling leaves out what is outside.
  case same
}

/// A convolution of images: y(r, c, f) = b(f) + Σ x(r · stride + i · dilation − before, c …, k) · W(i, j, k, f) over
/// kernel rows i and columns j and channels k. Shapes: x [rows, height, width, channels], W [kernel height, kernel
/// width, channels, filters], b [filters] — Fukushima 1980; LeCun et al. 1989,
/// https://doi.org/10.1162/neco.1989.1.4.541
public struct Conv2D: Sendable, Equatable, WeightedLayer {
  /// Channels of y, at least 1.
  public var filters: Int
  /// Rows and columns of W.
  public var kernel: Extent
  /// Pixels from one position of the kernel to the next.
  public var stride: Extent
  /// Where the kernel may stand.
  public var padding: Padding
  /// Pixels from one row or column of the kernel to the next.
  public var dilation: Extent
  /// How W starts; nil for the initializer that fits the activation behind the layer. Its fans are kernel height ·
  /// kernel width · channels in, and kernel height · kernel width · filters out.
  public var initializer: Initializer?
  /// Whether there is b; nil for where no BatchNorm follows at once, which would subtract it with the mean.
  public var bias: Bool?
  /// How b starts, if there is one.
  public var biasInitializer: Initializer
  /// How W and b are trained.
  public var training = LayerTraining()

  /// A layer that gives images of `filters` channels.
  public init(
    _ filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid, dilation: Extent = 1,
    initializer: Initializer? = nil, bias: Bool? = nil, biasInitializer: Initializer = .zeros
  ) {
    (self.filters, self.kernel, self.stride, self.padding) = (filters, kernel, stride, padding)
    (self.dilation, self.initializer, self.bias, self.biasInitializer) = (dilation, initializer, bias, biasInitializer)
  }

  public var layer: Layer { .convolution(self) }

  var window: Window { Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation) }
}

/// A convolution of every channel with a kernel of its own: y(r, c, k) = b(k) + Σ x(…, k) · W(i, j, k). Shapes: W
/// [kernel height, kernel width, channels], b [channels] — Sifre 2014; Chollet 2017, https://arxiv.org/abs/1610.02357
public struct DepthwiseConv2D: Sendable, Equatable, WeightedLayer {
  /// Rows and columns of W.
  public var kernel: Extent
  /// Pixels from one position of the kernel to the next.
  public var stride: Extent
  /// Where the kernel may stand.
  public var padding: Padding
  /// Pixels from one row or column of the kernel to the next.
  public var dilation: Extent
  /// How W starts; nil for the initializer that fits the activation behind the layer. Its fans, in and out, are kernel
  /// height · kernel width: what an output is a sum over.
  public var initializer: Initializer?
  /// Whether there is b; nil for where no BatchNorm follows at once.
  public var bias: Bool?
  /// How b starts, if there is one.
  public var biasInitializer: Initializer
  /// How W and b are trained.
  public var training = LayerTraining()

  /// A layer that gives as many channels as it reads.
  public init(
    kernel: Extent, stride: Extent = 1, padding: Padding = .valid, dilation: Extent = 1,
    initializer: Initializer? = nil, bias: Bool? = nil, biasInitializer: Initializer = .zeros
  ) {
    (self.kernel, self.stride, self.padding, self.dilation) = (kernel, stride, padding, dilation)
    (self.initializer, self.bias, self.biasInitializer) = (initializer, bias, biasInitializer)
  }

  public var layer: Layer { .depthwiseConvolution(self) }

  var window: Window { Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation) }
}

/// The windows of a pooling layer.
public struct PoolWindows: Sendable, Equatable {
  /// Rows and columns of a window.
  public var size: Extent
  /// Pixels from one window to the next; nil for the size.
  public var stride: Extent?
  /// Where windows may stand.
  public var padding: Padding

  /// Windows side by side, unless told.
  public init(_ size: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    (self.size, self.stride, self.padding) = (size, stride, padding)
  }

  var window: Window { Window(kernel: size, stride: stride ?? size, padding: padding) }
}

/// The largest of every window, a channel each.
public struct MaxPool: Sendable, Equatable, LayerConvertible {
  /// What it takes the largest of.
  public var windows: PoolWindows

  /// Windows side by side, unless told.
  public init(_ size: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    windows = PoolWindows(size, stride: stride, padding: padding)
  }

  public var layer: Layer { .maxPool(windows) }
}

/// The mean of every window, a channel each, over those of its pixels that are inside the image.
public struct AveragePool: Sendable, Equatable, LayerConvertible {
  /// What it takes the mean of.
  public var windows: PoolWindows

  /// Windows side by side, unless told.
  public init(_ size: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    windows = PoolWindows(size, stride: stride, padding: padding)
  }

  public var layer: Layer { .averagePool(windows) }
}

/// The mean of every channel over the whole image: one number a channel — Lin, Chen, Yan 2013,
/// https://arxiv.org/abs/1312.4400
public struct GlobalAveragePool: Sendable, Equatable, LayerConvertible {
  /// It has no settings.
  public init() {}
  public var layer: Layer { .globalAveragePool }
}

/// An image as a row of numbers, in the order of (row, column, channel).
public struct Flatten: Sendable, Equatable, LayerConvertible {
  /// It has no settings.
  public init() {}
  public var layer: Layer { .flatten }
}

/// Sets whole channels of an image to zero with probability `rate` in training and scales the others by 1 / (1 − rate):
/// neighbouring pixels know each other, so that dropping some of them drops nothing — Tompson et al. 2015,
/// https://arxiv.org/abs/1411.4280
public struct SpatialDropout: Sendable, Equatable, LayerConvertible {
  /// The probability of a channel to be set to 0, in [0, 1).
  public var rate: Float
  /// In inference every channel stays as it is.
  public init(rate: Float) { self.rate = rate }
  public var layer: Layer { .spatialDropout(self) }
}
