import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

/// The machine's own convolutions, of matrices: kernels of one place, activations, parts that are dealt out.
@Suite struct ConvolutionMatrixTests {
  let memory = TestMemory()

  private static let shapes: [ConvolutionShape] = {
    var generator = SeededGenerator(seed: 11)
    return (0..<15).map { _ in .random(using: &generator) } + [
      .same(Extent(5, 7), channels: 40, filters: 33, kernel: Extent(1, 1)),
      .same(Extent(8, 8), channels: 3, filters: 2, kernel: Extent(1, 1)),
      .same(Extent(8, 8), channels: 64, filters: 64, kernel: Extent(3, 3)),
    ]
  }()

  /// The bits of the widest instruction set, whatever images, filters, channels and inputs are computed together, and
  /// however far apart images are.
  @Test(arguments: Precision.allCases, [0, 3]) func parts(_ precision: Precision, _ gap: Int) {
    guard let set = ConvolutionSet.available.last(where: { $0.precision == precision }) else { return }
    for shape in ConvolutionMatrixTests.shapes {
      let operands = ConvolutionOperands(shape, shardImages: [2, 1])
      let matrices = matrices(operands, precision, gap: gap)
      let (y, dx) = (images(shape.outputs, gap: gap), images(shape.inputs, gap: gap))
      for rows in [0..<2, 2..<3] {
        for filters in halves(shape.filters) {
          convolve(
            matrices.x.rows(rows), matrices.weight, bias: matrices.bias, into: y.rows(rows), shape: shape,
            filters: filters, precision: precision, scratch: matrices.scratch)
        }
        for channels in halves(shape.channels) {
          convolveInputGradient(
            matrices.dy.rows(rows), matrices.weight, into: dx.rows(rows), shape: shape, channels: channels,
            precision: precision, scratch: matrices.scratch)
        }
      }
      let gradient = memory.matrix(rows: shape.window, columns: shape.filters)
      var largest = Magnitude()
      for window in halves(shape.window) {
        for filters in halves(shape.filters) {
          largest.note(
            notedConvolutionGradient(
              x: matrices.x, dy: matrices.dy, shardImages: matrices.shardImages, into: gradient, shape: shape,
              window: window, filters: filters, precision: precision, scratch: matrices.scratch))
        }
      }
      expectSameBits((0..<3).flatMap { y.row($0).array }, set.forward(operands), "\(operands)")
      expectSameBits((0..<3).flatMap { dx.row($0).array }, set.inputGradient(operands), "\(operands)")
      expectSameBits(gradient.array, set.weightGradient(operands), "\(operands)")
      #expect(largest == gradient.elements.largestMagnitude)
    }
  }

  /// An activation of positions in cache has the bits of one of the whole result, and so has its derivative.
  @Test(arguments: [ActivationFunction.selu, .leakyReLU(negativeSlope: 0.1)], Precision.allCases)
  func activations(_ function: ActivationFunction, _ precision: Precision) {
    for shape in ConvolutionMatrixTests.shapes {
      let matrices = matrices(ConvolutionOperands(shape, shardImages: [3]), precision)
      let (separate, together) = (
        memory.matrix(rows: 3, columns: shape.outputs), memory.matrix(rows: 3, columns: shape.outputs)
      )
      func forward(_ function: ActivationFunction?, _ filters: Range<Int>, into y: Matrix) {
        convolve(
          matrices.x, matrices.weight, bias: matrices.bias, then: function, into: y, shape: shape, filters: filters,
          precision: precision, scratch: matrices.scratch)
      }
      forward(nil, 0..<shape.filters, into: separate)
      function.forward(separate.elements, into: separate.elements)
      for filters in halves(shape.filters) { forward(function, filters, into: together) }
      expectSameBits(together.array, separate.array, "\(function) of \(shape.words)")

      let (value, plain, through) = (
        memory.matrix(rows: 3, columns: shape.inputs), memory.matrix(rows: 3, columns: shape.inputs),
        memory.matrix(rows: 3, columns: shape.inputs)
      )
      function.forward(matrices.x.elements, into: value.elements)
      func backward(_ function: (ActivationFunction, value: Matrix)?, _ channels: Range<Int>, into dx: Matrix) {
        convolveInputGradient(
          matrices.dy, matrices.weight, throughInput: function, into: dx, shape: shape, channels: channels,
          precision: precision, scratch: matrices.scratch)
      }
      backward(nil, 0..<shape.channels, into: plain)
      function.backward(x: matrices.x.elements, y: value.elements, dy: plain.elements, into: plain.elements)
      for channels in halves(shape.channels) { backward((function, value: value), channels, into: through) }
      expectSameBits(through.array, plain.array, "derivative of \(function), \(shape.words)")
    }
  }

  private struct Matrices {
    let x, dy, weight: Matrix
    let bias: Vector
    let shardImages: Slots<Int>
    let scratch: ConvolutionScratch
  }

  /// Three images, `gap` elements between them.
  private func images(_ columns: Int, _ elements: [Float]? = nil, gap: Int) -> Matrix {
    let matrix = memory.matrix(rows: 3, columns: columns + gap).columns(gap..<columns + gap)
    guard let elements else { return matrix }
    for row in 0..<3 { matrix.row(row).copy(from: Array(elements[row * columns..<(row + 1) * columns])) }
    return matrix
  }

  private func matrices(_ operands: ConvolutionOperands, _ precision: Precision, gap: Int = 0) -> Matrices {
    let shape = operands.shape
    let shardImages = Slots(repeating: 0, count: operands.shardImages.count)
    for (index, images) in operands.shardImages.enumerated() { shardImages[index] = images }
    return Matrices(
      x: images(shape.inputs, operands.x, gap: gap), dy: images(shape.outputs, operands.dy, gap: gap),
      weight: memory.matrix(operands.weight, rows: shape.window, columns: shape.filters, misalignment: 3),
      bias: memory.vector(operands.bias), shardImages: shardImages,
      scratch: ConvolutionScratch([shape], precision: precision, shards: shardImages.count))
  }
}

/// What two members of a team compute.
func halves(_ count: Int) -> [Range<Int>] { [0..<count / 2, count / 2..<count] }
