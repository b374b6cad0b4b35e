internal import CKernels

/// Memory that convolutions copy rows of images and pack weights into; one thread's at a time.
package struct ConvolutionScratch: Sendable {
  private let arena: Arena

  /// For these convolutions, and weight gradients of them over at most `shards` shards.
  package init(_ shapes: [ConvolutionShape], precision: Precision = .float32, shards: Int = 1) {
    arena = Arena(
      count: shapes.map { ConvolutionScratch.elements($0, precision: precision, shards: shards) }.max() ?? 0)
  }

  /// Memory of so many float32 elements.
  package init(elements: Int) { arena = Arena(count: elements) }

  /// For these depthwise convolutions.
  package init(depthwise shapes: [ConvolutionShape], shards: Int = 1) {
    arena = Arena(count: shapes.map { ConvolutionScratch.elements(depthwise: $0, shards: shards) }.max() ?? 0)
  }

  /// Float32 elements that a convolution takes.
  package static func elements(_ shape: ConvolutionShape, precision: Precision, shards: Int) -> Int {
    var convolution = shape.inC
    return lk_convolution_scratch(precision.code, &convolution, shards)
  }

  /// Float32 elements that a depthwise convolution takes.
  package static func elements(depthwise shape: ConvolutionShape, shards: Int) -> Int {
    var convolution = shape.inC
    return lk_depthwise_scratch(&convolution, shards)
  }

  var base: UnsafeMutablePointer<Float> { arena.all.base }

  func holds(_ elements: Int) -> Bool { elements <= arena.count }
}
