import CKernels
import LockstepKernels
import Testing

/// The convolutions of one instruction set and precision, called as C has them, with every operand between guards, and
/// filters, channels and inputs in two parts.
struct ConvolutionSet: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let fuses: Bool?
  let precision: Precision
  private let set: lk_instructions

  /// All of the processor's.
  static let available = ProductSet.available.compactMap(ConvolutionSet.init)

  private init?(_ products: ProductSet) {
    guard let set = products.set else { return nil }
    (testDescription, fuses) = (products.testDescription, products.fuses)
    (precision, self.set) = (products.precision, set)
  }

  private var convolutions: lk_convolutions {
    guard let convolutions = lk_convolutions_of(set, precision.inC) else { fatalError("\(self) is not available") }
    return convolutions.pointee
  }

  /// - Parameter gap: elements between the images of all matrices, which belong to nobody.
  func forward(_ operands: ConvolutionOperands, gap: Int = 0) -> [Float] {
    let shape = operands.shape
    let (x, weight) = (Gapped(operands.x, columns: shape.inputs, gap), GuardedMemory(operands.weight))
    let bias = GuardedMemory(operands.bias)
    return result(operands, columns: shape.outputs, gap, parts: shape.filters) { convolution, part, y, scratch in
      convolutions.forward(
        convolution, operands.images, x.base, shape.inputs + gap, weight.base, bias.base, part.lowerBound, part.count,
        nil, y, shape.outputs + gap, scratch)
    }
  }

  func inputGradient(_ operands: ConvolutionOperands, gap: Int = 0) -> [Float] {
    let shape = operands.shape
    let (dy, weight) = (Gapped(operands.dy, columns: shape.outputs, gap), GuardedMemory(operands.weight))
    return result(operands, columns: shape.inputs, gap, parts: shape.channels) { convolution, part, dx, scratch in
      convolutions.input_gradient(
        convolution, operands.images, dy.base, shape.outputs + gap, weight.base, part.lowerBound, part.count, nil, dx,
        shape.inputs + gap, scratch)
    }
  }

  /// The magnitudes that it notes are the gradient's.
  func weightGradient(_ operands: ConvolutionOperands, gap: Int = 0) -> [Float] {
    let shape = operands.shape
    let (x, dy) = (Gapped(operands.x, columns: shape.inputs, gap), Gapped(operands.dy, columns: shape.outputs, gap))
    let gradient = GuardedMemory(count: shape.window * shape.filters)
    let scratch = scratch(operands)
    var (convolution, noted) = (shape.inC, UInt32(0))
    for window in [0..<shape.window / 2, shape.window / 2..<shape.window] {
      for filters in [0..<shape.filters / 3, shape.filters / 3..<shape.filters] {
        var largest: UInt32 = 0
        convolutions.weight_gradient(
          &convolution, operands.shardImages.count, operands.shardImages, x.base, shape.inputs + gap, dy.base,
          shape.outputs + gap, window.lowerBound, window.count, filters.lowerBound, filters.count, gradient.base,
          &largest, scratch.base)
        noted = max(noted, largest)
      }
    }
    #expect(noted == gradient.array.map(\.magnitude.bitPattern).max() ?? 0, "\(self), \(operands): the magnitude")
    #expect(gradient.isIntact && scratch.isIntact, "\(self), \(operands): written beside the result")
    return gradient.array
  }

  private func result(
    _ operands: ConvolutionOperands, columns: Int, _ gap: Int, parts: Int,
    _ compute: (UnsafePointer<lk_convolution>, Range<Int>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
      -> Void
  ) -> [Float] {
    let result = Gapped([Float](repeating: .nan, count: operands.images * columns), columns: columns, gap)
    let scratch = scratch(operands)
    var convolution = operands.shape.inC
    for part in [0..<parts / 3, parts / 3..<parts] { compute(&convolution, part, result.base, scratch.base) }
    #expect(result.isIntact && scratch.isIntact, "\(self), \(operands): written beside the result")
    return result.array
  }

  private func scratch(_ operands: ConvolutionOperands) -> GuardedMemory {
    var convolution = operands.shape.inC
    return GuardedMemory(count: lk_convolution_scratch(precision.inC, &convolution, operands.shardImages.count))
  }
}
