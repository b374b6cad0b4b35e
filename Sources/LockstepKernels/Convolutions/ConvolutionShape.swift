internal import CKernels
import LockstepDeclarations

/// How a kernel passes over images, and what comes of it. An image is a row of a matrix: [height, width, channels],
/// channels last.
///
/// Output (r, c) sees the pixels (r · stride + i · dilation − padding, …) for kernel row i and column j. Outside the
/// image there are zeros.
package struct ConvolutionShape: Hashable, Sendable {
  package let image: Extent
  package let channels: Int
  /// The kernel's; of a depthwise convolution and of pooling, which keep channels apart, the channels.
  package let filters: Int
  package let kernel: Extent
  package let stride: Extent
  /// Pixels from one kernel row or column to the next.
  package let dilation: Extent
  /// Rows of zeros above an image and columns to its left. Those below and to the right follow from the output's.
  package let padding: Extent
  package let output: Extent

  /// - Parameter filters: the channels, if it is left out.
  package init(
    image: Extent, channels: Int, filters: Int? = nil, kernel: Extent, stride: Extent = Extent(1, 1),
    dilation: Extent = Extent(1, 1), padding: Extent = Extent(0, 0), output: Extent
  ) {
    (self.image, self.channels, self.filters) = (image, channels, filters ?? channels)
    (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
    (self.padding, self.output) = (padding, output)
    for extent in [image, kernel, stride, dilation, output] {
      precondition(extent.height >= 1 && extent.width >= 1, "an extent of nothing")
    }
    precondition(channels >= 1 && self.filters >= 1 && padding.height >= 0 && padding.width >= 0)
  }

  /// Elements of an image.
  package var inputs: Int { image.count * channels }
  /// Elements of what is made of an image.
  package var outputs: Int { output.count * filters }
  /// Terms of an output's sum, and rows of the weight: (kernel row, kernel column, channel), in this order.
  package var window: Int { kernel.count * channels }

  /// Whether every window has a pixel of the image.
  package var seesImageEverywhere: Bool {
    func sees(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ output: Int) -> Bool {
      padding < kernel && (output - 1) * stride - padding < size
    }
    return sees(image.height, kernel.height, stride.height, padding.height, output.height)
      && sees(image.width, kernel.width, stride.width, padding.width, output.width)
  }

  var inC: lk_convolution {
    lk_convolution(
      height: image.height, width: image.width, output_height: output.height, output_width: output.width,
      kernel_height: kernel.height, kernel_width: kernel.width, stride_height: stride.height,
      stride_width: stride.width, dilation_height: dilation.height, dilation_width: dilation.width,
      before_height: padding.height, before_width: padding.width, channels: channels, filters: filters)
  }
}
