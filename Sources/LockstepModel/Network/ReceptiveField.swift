import LockstepDeclarations
import LockstepKernels

/// The pixels of the input that a position of an image is computed from, as far as kernels, strides, dilations and
/// pools let them through: r ← r + (kernel − 1) · dilation · jump and jump ← jump · stride at every window — Araujo,
/// Norris, Sim 2019, https://distill.pub/2019/computing-receptive-fields
package struct ReceptiveField: Sendable, Equatable {
  /// Rows and columns, counted beyond the edges of the input too.
  package private(set) var extent = Extent(1, 1)
  /// Pixels of the input from one position to the next.
  package private(set) var jump = Extent(1, 1)

  /// That of the input itself.
  package init() {}

  /// That of what a window makes of positions with this field.
  mutating func pass(_ window: ConvolutionShape) {
    extent.height += (window.kernel.height - 1) * window.dilation.height * jump.height
    extent.width += (window.kernel.width - 1) * window.dilation.width * jump.width
    jump = Extent(jump.height * window.stride.height, jump.width * window.stride.width)
  }

  /// That of a sum: a position is computed from all that one of either is.
  mutating func join(_ other: ReceptiveField) {
    extent = Extent(max(extent.height, other.extent.height), max(extent.width, other.extent.width))
  }
}

/// The last value of a network that is an image.
package struct LastImage: Sendable {
  /// The shape of what the network reads.
  package let input: Extent
  /// Of each of its positions.
  package var field: ReceptiveField
  /// The layer that turns it into features; nil where none does.
  package var end: PlacedLayer?
}

extension Model {
  /// The last value that is an image, the input if there is no other; nil for features, and where shapes do not go
  /// together.
  package var lastImage: LastImage? {
    guard case .image(let height, let width, _) = input else { return nil }
    var last = LastImage(input: Extent(height, width), field: ReceptiveField())
    /// Of the residuals that are open: the field at its beginning, and that of its layers once its projection begins.
    var open: [(start: ReceptiveField, branch: ReceptiveField?)] = []
    do throws(ModelError) {
      try walk { (step) throws(ModelError) in
        switch step {
        case .layer(let place):
          guard place.input.isImage else { return }
          guard place.output.isImage else {
            last.end = place
            return
          }
          if let window = place.layer.windows(over: place.input) { last.field.pass(window) }
        case .branch: open.append((last.field, nil))
        case .projection:
          open[open.count - 1].branch = last.field
          last.field = open[open.count - 1].start
        case .sum:
          let residual = open.removeLast()
          last.field.join(residual.branch ?? residual.start)
        }
      }
    } catch { return nil }
    return last
  }
}
