import LockstepDeclarations
import LockstepKernels
import TestSupport
import Testing

/// The reference's gradients against central differences of its own forward passes.
@Suite struct ReferenceConvolutionTests {
  @Test(arguments: testSeeds) func gradients(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10 {
      let shape = ConvolutionShape.random(using: &generator, mostChannels: 3)
      let operands = ConvolutionOperands(shape, shardImages: [2], seed: generator.next())
      let (x, dy) = (operands.x.doubles, operands.dy.doubles)
      let (weight, bias) = (operands.weight.doubles, operands.bias.doubles)
      let back = Reference.convolutionBackward(x, weight: weight, dy: dy, images: 2, shape: shape)
      func loss(_ x: [Double], _ weight: [Double]) -> Double {
        dotProduct(dy, Reference.convolution(x, weight: weight, bias: bias, images: 2, shape: shape))
      }
      expect(back.dx, centralDifferences(of: { loss($0, weight) }, at: x), shape)
      expect(back.weight, centralDifferences(of: { loss(x, $0) }, at: weight), shape)
    }
  }

  @Test(arguments: testSeeds) func depthwiseGradients(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10 {
      let shape = ConvolutionShape.random(using: &generator, mostChannels: 3).depthwise
      let (x, dy) = (generator.normal(2 * shape.inputs).doubles, generator.normal(2 * shape.outputs).doubles)
      let (weight, bias) = (
        generator.normal(shape.kernel.count * shape.channels).doubles, generator.normal(shape.channels).doubles
      )
      let back = Reference.depthwiseConvolutionBackward(x, weight: weight, dy: dy, images: 2, shape: shape)
      func loss(_ x: [Double], _ weight: [Double]) -> Double {
        dotProduct(dy, Reference.depthwiseConvolution(x, weight: weight, bias: bias, images: 2, shape: shape))
      }
      expect(back.dx, centralDifferences(of: { loss($0, weight) }, at: x), shape)
      expect(back.weight, centralDifferences(of: { loss(x, $0) }, at: weight), shape)
    }
  }

  @Test(arguments: testSeeds) func poolingGradients(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let shape = ConvolutionShape.random(using: &generator, mostChannels: 3).depthwise
      guard shape.dilation == Extent(1, 1), shape.seesImageEverywhere else { continue }
      let (x, dy) = (generator.normal(shape.inputs).doubles, generator.normal(shape.outputs).doubles)
      expect(
        Reference.maxPoolBackward(x, dy: dy, images: 1, shape: shape),
        centralDifferences(of: { dotProduct(dy, Reference.maxPool($0, images: 1, shape: shape)) }, at: x), shape)
      expect(
        Reference.averagePoolBackward(dy: dy, images: 1, shape: shape),
        centralDifferences(of: { dotProduct(dy, Reference.averagePool($0, images: 1, shape: shape)) }, at: x), shape)
    }
  }

  private func expect(_ actual: [Double], _ expected: [Double], _ shape: ConvolutionShape) {
    expectClose(actual: actual, expected: expected, absolute: 1e-5, relative: 1e-6, shape.words)
  }
}
