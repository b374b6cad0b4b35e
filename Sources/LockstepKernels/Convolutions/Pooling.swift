internal import CKernels
import LockstepDeclarations

/// Pooling: one number of every window and channel. Shapes: x [images, inputs], y [images, outputs].
///
/// What lies outside the image is no part of a window, and every window has a pixel inside. Global pooling is that of
/// one window as large as the image. Of every function some channels alone may be computed.
package enum Pooling {
  /// y = the largest of the window; a NaN is larger than all numbers.
  package static func max(_ x: Matrix, into y: Matrix, shape: ConvolutionShape, channels: Range<Int>? = nil) {
    let channels = shape.expectPooling(x: x, y: y, channels)
    var convolution = shape.inC
    lk_max_pool(&convolution, x.rows, x.base, x.stride, channels.lowerBound, channels.count, y.base, y.stride)
  }

  /// dx = Σ dy over the windows, in the order of their positions, whose largest the pixel is: of equals the first, in
  /// the order of (row, column). Nothing is kept of the forward pass but x and y.
  ///
  /// - Parameter function: the activation whose value x is, if dx is to be the gradient before it.
  package static func maxInputGradient(
    x: Matrix, y: Matrix, dy: Matrix, throughInput function: ActivationFunction? = nil, into dx: Matrix,
    shape: ConvolutionShape, channels: Range<Int>? = nil
  ) {
    let channels = shape.expectPooling(x: x, y: y, channels)
    shape.expect(x: dx, y: dy)
    precondition(dx.rows == x.rows && dy.stride == y.stride, "shapes do not fit")
    shape.expect(value: function.map { _ in x }, of: dx)
    var convolution = shape.inC
    withFinish(function, value: x) {
      lk_max_pool_backward(
        &convolution, x.rows, x.base, x.stride, y.base, dy.base, y.stride, channels.lowerBound, channels.count, $0,
        dx.base, dx.stride)
    }
  }

  /// y = Σ over the window's pixels / their number; the sums of its rows are added.
  package static func average(_ x: Matrix, into y: Matrix, shape: ConvolutionShape, channels: Range<Int>? = nil) {
    let channels = shape.expectPooling(x: x, y: y, channels)
    var convolution = shape.inC
    lk_average_pool(&convolution, x.rows, x.base, x.stride, channels.lowerBound, channels.count, y.base, y.stride)
  }

  /// dx = Σ over the windows that have the pixel, in the order of their positions, of dy / their pixels' number.
  ///
  /// - Parameter function: the activation whose value was the input, if dx is to be the gradient before it.
  package static func averageInputGradient(
    _ dy: Matrix, throughInput function: (ActivationFunction, value: Matrix)? = nil, into dx: Matrix,
    shape: ConvolutionShape, channels: Range<Int>? = nil
  ) {
    let channels = shape.expectPooling(x: dx, y: dy, channels)
    shape.expect(value: function?.value, of: dx)
    var convolution = shape.inC
    withFinish(function?.0, value: function?.value) {
      lk_average_pool_backward(
        &convolution, dy.rows, dy.base, dy.stride, channels.lowerBound, channels.count, $0, dx.base, dx.stride)
    }
  }
}

extension ConvolutionShape {
  /// The channels that are computed.
  fileprivate func expectPooling(x: Matrix, y: Matrix, _ channels: Range<Int>?) -> Range<Int> {
    expect(x: x, y: y)
    precondition(dilation == Extent(1, 1) && seesImageEverywhere, "a window that has no pixel")
    return expect(channels)
  }
}
