internal import CKernels

/// A kernel for every channel: y = f(x ∗ w + b), channel by channel. Shapes: x [images, inputs], w [kernel places,
/// channels], b [channels], y [images, outputs].
///
/// An element is one chain of multiply-adds in float32, the bias first. It is no matrix product, so the precision of
/// products makes no difference to it. Of every function some channels alone may be computed.
package enum DepthwiseConvolution {
  /// y; an output's terms are in the order of (kernel row, kernel column), zeros outside the image among them.
  package static func forward(
    _ x: Matrix, _ weight: Matrix, bias: Vector? = nil, then function: ActivationFunction? = nil, into y: Matrix,
    shape: ConvolutionShape, channels: Range<Int>? = nil, scratch: ConvolutionScratch
  ) {
    let channels = shape.expect(x: x, y: y, weight: weight, channels, scratch)
    precondition(bias.map { $0.count == shape.channels } ?? true, "a bias a channel")
    var convolution = shape.inC
    withFinish(function, value: nil) {
      lk_depthwise_convolve(
        &convolution, x.rows, x.base, x.stride, weight.base, bias?.base, channels.lowerBound, channels.count, $0,
        y.base, y.stride, scratch.base)
    }
  }

  /// dx, its terms in the same order, of those places of the kernel at which an output position may see the pixel.
  ///
  /// - Parameter function: the activation whose value was the input, if dx is to be the gradient before it.
  package static func inputGradient(
    _ dy: Matrix, _ weight: Matrix, throughInput function: (ActivationFunction, value: Matrix)? = nil,
    into dx: Matrix, shape: ConvolutionShape, channels: Range<Int>? = nil, scratch: ConvolutionScratch
  ) {
    let channels = shape.expect(x: dx, y: dy, weight: weight, channels, scratch)
    shape.expect(value: function?.value, of: dx)
    var convolution = shape.inC
    withFinish(function?.0, value: function?.value) {
      lk_depthwise_input_gradient(
        &convolution, dy.rows, dy.base, dy.stride, weight.base, channels.lowerBound, channels.count, $0, dx.base,
        dx.stride, scratch.base)
    }
  }

  /// gradient [kernel places, channels] = tree over the shards of the weight gradient, a shard's one chain over (image,
  /// output row, output column).
  package static func weightGradient(
    x: Matrix, dy: Matrix, shardImages: Slots<Int>, into gradient: Matrix, shape: ConvolutionShape,
    channels: Range<Int>? = nil, scratch: ConvolutionScratch
  ) {
    let channels = shape.expect(x: x, y: dy, weight: gradient, channels, scratch, shards: shardImages.count)
    shardImages.expect(images: x.rows)
    var convolution = shape.inC
    lk_depthwise_weight_gradient(
      &convolution, shardImages.count, shardImages.base, x.base, x.stride, dy.base, dy.stride, channels.lowerBound,
      channels.count, gradient.base, scratch.base)
  }
}

extension ConvolutionShape {
  /// The channels that are computed.
  fileprivate func expect(
    x: Matrix, y: Matrix, weight: Matrix, _ channels: Range<Int>?, _ scratch: ConvolutionScratch, shards: Int = 1
  ) -> Range<Int> {
    expect(x: x, y: y)
    precondition(weight.rows == kernel.count && weight.columns == filters && weight.isContiguous, "shapes do not fit")
    precondition(scratch.holds(ConvolutionScratch.elements(depthwise: self, shards: shards)), "too little scratch")
    return expect(channels)
  }

  /// The channels that are computed, each of which is a filter: all unless told.
  func expect(_ channels: Range<Int>?) -> Range<Int> {
    precondition(filters == self.channels, "a filter a channel")
    let channels = channels ?? 0..<self.channels
    precondition(channels.lowerBound >= 0 && channels.upperBound <= self.channels, "channels that there are not")
    return channels
  }
}
