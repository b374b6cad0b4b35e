import LockstepKernels
import TestSupport
import Testing

/// All instruction sets with a fused multiply-add give the same bits, on layers as large as those of real networks.
@Suite struct InstructionSetTests {
  @Test func products() {
    for (m, k, n) in [(128, 784, 500), (512, 256, 256), (61, 1024, 1000), (64, 5000, 10), (61, 300, 1000)] {
      for transposed in [false, true] {
        expectSameBits(ProductOperands(m, k, n, seed: 5, bias: true, transposed: transposed)) {
          $0.product($1, scratch: productScratch())
        }
      }
    }
  }

  @Test func weightGradients() {
    for rows in [[64], [64, 64, 64, 64, 64, 64, 64, 64], [300, 301, 301], [1200, 1200]] {
      for (inputs, units) in [(784, 500), (500, 256), (256, 10)] {
        expectSameBits(GradientOperands(shardRows: rows, inputs: inputs, units: units)) { $0.weightGradient($1) }
      }
    }
  }

  private func expectSameBits<Operands>(_ operands: Operands, _ compute: (ProductSet, Operands) -> [Float]) {
    for precision in Precision.allCases {
      let fusing = ProductSet.available(precision).filter { $0.fuses == true && !$0.isModelled }
      guard let widest = fusing.last else { return }
      let expected = compute(widest, operands)
      for set in fusing.dropLast() {
        TestSupport.expectSameBits(compute(set, operands), expected, "\(operands) with \(set)")
      }
    }
  }
}
