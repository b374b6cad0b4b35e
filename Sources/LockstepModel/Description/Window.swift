import LockstepDeclarations
import LockstepKernels

/// What passes over an image, and where it may stand.
struct Window: Sendable, Equatable {
  let kernel: Extent
  let stride: Extent
  let padding: Padding
  var dilation: Extent = 1

  /// Pixels from the first row to the last and from the first column to the last, these included.
  var reach: Extent { Extent((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1) }

  /// How it passes over images of this extent; nil where it does not fit into one.
  ///
  /// - Parameter filters: the channels, if it is left out.
  func over(_ image: Extent, channels: Int, filters: Int? = nil) -> ConvolutionShape? {
    guard padding == .same || (reach.height <= image.height && reach.width <= image.width) else { return nil }
    let rows = places(image.height, reach.height, stride.height)
    let columns = places(image.width, reach.width, stride.width)
    return ConvolutionShape(
      image: image, channels: channels, filters: filters, kernel: kernel, stride: stride, dilation: dilation,
      padding: Extent(rows.before, columns.before), output: Extent(rows.count, columns.count))
  }

  /// Positions along an axis, and zeros before its first pixel.
  private func places(_ pixels: Int, _ reach: Int, _ stride: Int) -> (count: Int, before: Int) {
    switch padding {
    case .valid: return ((pixels - reach) / stride + 1, 0)
    case .same:
      let count = (pixels + stride - 1) / stride
      return (count, max(0, (count - 1) * stride + reach - pixels) / 2)
    }
  }
}
