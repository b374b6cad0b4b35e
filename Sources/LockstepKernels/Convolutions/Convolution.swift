internal import CKernels

// Convolutions. Every element is multiply-adds over the terms of its window in a fixed order (`Precision`); so its bits
// follow from its own window alone, and images, filters and channels may be dealt out to anybody. Zeros outside the
// image are no terms in float32, if pixels have eight channels or more; of fewer, and in bfloat16, they are terms like
// others. Matrices of images may be some rows of a larger one, and their rows far apart.

/// y = f(x ∗ W + b). Shapes: x [images, inputs], W [window, filters], b [filters], y [images, outputs], as
/// `ConvolutionShape` counts them.
///
/// An output is one sum over (kernel row, kernel column, channel), the bias first.
///
/// - Parameter filters: those that are computed; all unless told.
package func convolve(
  _ x: Matrix, _ weight: Matrix, bias: Vector? = nil, then function: ActivationFunction? = nil, into y: Matrix,
  shape: ConvolutionShape, filters: Range<Int>? = nil, precision: Precision = .float32, scratch: ConvolutionScratch
) {
  let filters = filters ?? 0..<shape.filters
  shape.expect(x: x, y: y, weight: weight)
  precondition(bias.map { $0.count == shape.filters } ?? true, "a bias a filter")
  precondition(filters.lowerBound >= 0 && filters.upperBound <= shape.filters, "filters that there are not")
  scratch.expect(shape, precision)
  var convolution = shape.inC
  withFinish(function, value: nil) {
    lk_convolve(
      precision.code, &convolution, x.rows, x.base, x.stride, weight.base, bias?.base, filters.lowerBound,
      filters.count, $0, y.base, y.stride, scratch.base)
  }
}

/// dx, the gradient of `convolve` in x. Shapes: dy [images, outputs], W [window, filters], dx [images, inputs].
///
/// A pixel's is one sum over (kernel row, kernel column, filter), of those places of the kernel at which an output
/// position may see it (of stride 2 a quarter of them), dy being zero outside its grid.
///
/// - Parameters:
///   - function: the activation whose value was the convolution's input, if dx is to be the gradient before it.
///   - channels: those that are computed; all unless told.
package func convolveInputGradient(
  _ dy: Matrix, _ weight: Matrix, throughInput function: (ActivationFunction, value: Matrix)? = nil,
  into dx: Matrix, shape: ConvolutionShape, channels: Range<Int>? = nil, precision: Precision = .float32,
  scratch: ConvolutionScratch
) {
  let channels = channels ?? 0..<shape.channels
  shape.expect(x: dx, y: dy, weight: weight)
  shape.expect(value: function?.value, of: dx)
  precondition(channels.lowerBound >= 0 && channels.upperBound <= shape.channels, "channels that there are not")
  scratch.expect(shape, precision)
  var convolution = shape.inC
  withFinish(function?.0, value: function?.value) {
    lk_convolve_input_gradient(
      precision.code, &convolution, dy.rows, dy.base, dy.stride, weight.base, channels.lowerBound, channels.count, $0,
      dx.base, dx.stride, scratch.base)
  }
}

/// gradient = tree over the shards of the weight gradient of `convolve`, one node of the tree over all shards; returns
/// its largest magnitude.
///
/// A shard's is one sum over (image, output row, output column).
///
/// - Parameters:
///   - shardImages: the images of every shard, which follow one another in x and dy.
///   - gradient: [window, filters].
///   - window: rows of the gradient that are computed; all unless told.
///   - filters: its columns that are.
@discardableResult
package func notedConvolutionGradient(
  x: Matrix, dy: Matrix, shardImages: Slots<Int>, into gradient: Matrix, shape: ConvolutionShape,
  window: Range<Int>? = nil, filters: Range<Int>? = nil, precision: Precision = .float32, scratch: ConvolutionScratch
) -> Magnitude {
  let (window, filters) = (window ?? 0..<shape.window, filters ?? 0..<shape.filters)
  shape.expect(x: x, y: dy, weight: gradient)
  precondition(window.lowerBound >= 0 && window.upperBound <= shape.window, "inputs that there are not")
  precondition(filters.lowerBound >= 0 && filters.upperBound <= shape.filters, "filters that there are not")
  shardImages.expect(images: x.rows)
  scratch.expect(shape, precision, shards: shardImages.count)
  var convolution = shape.inC
  var largest: UInt32 = 0
  lk_convolve_weight_gradient(
    precision.code, &convolution, shardImages.count, shardImages.base, x.base, x.stride, dy.base, dy.stride,
    window.lowerBound, window.count, filters.lowerBound, filters.count, gradient.base, &largest, scratch.base)
  return Magnitude(bits: largest)
}

extension ConvolutionShape {
  fileprivate func expect(x: Matrix, y: Matrix, weight: Matrix) {
    expect(x: x, y: y)
    precondition(weight.rows == window && weight.columns == filters && weight.isContiguous, "shapes do not fit")
  }

  func expect(x: Matrix, y: Matrix) {
    precondition(x.rows == y.rows && x.columns == inputs && y.columns == outputs, "shapes do not fit")
  }

  func expect(value: Matrix?, of dx: Matrix) {
    guard let value else { return }
    precondition(value.rows == dx.rows && value.columns == dx.columns && value.stride == dx.stride)
  }
}

extension ConvolutionScratch {
  fileprivate func expect(_ shape: ConvolutionShape, _ precision: Precision, shards: Int = 1) {
    precondition(
      holds(ConvolutionScratch.elements(shape, precision: precision, shards: shards)), "too little scratch")
  }
}

extension Slots<Int> {
  /// A shard at least, and all of these images.
  func expect(images: Int) {
    precondition(count >= 1 && (0..<count).reduce(0) { $0 + self[$1] } == images, "the shards' images are not x's")
  }
}
