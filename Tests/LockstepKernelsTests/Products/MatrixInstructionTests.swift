import CKernels
import KernelProbes
import LockstepKernels
import TestSupport
import Testing

/// Products by the matrix instruction. The suites of products compare all that it computes, with the processor's own
/// and with a model of it; here is what stands around it.
@Suite struct MatrixInstructionTests {
  /// What decides whether the instruction is used sees sets that agree, and one that rounds twice where they do once,
  /// be it only in one kind of product.
  @Test func agreementIsSeen() {
    let modelled = ProductSet.modelled.products
    for set in ProductSet.available(.bf16) {
      let products = set.products
      #expect(agree(products, modelled) == (set.fuses == true), "\(set)")
      for (product, gradient) in [(modelled, products), (products, modelled)] {
        let mixed = lk_products(product: product.product, weight_gradient: gradient.weight_gradient)
        #expect(agree(mixed, modelled) == (set.fuses == true), "\(set) in one kind of product")
      }
    }
  }

  private func agree(_ one: lk_products, _ other: lk_products) -> Bool {
    var (one, other) = (one, other)
    return lk_products_agree(&one, &other) == 1
  }

  /// The processor's rounding, 32 numbers at a time, is the definition's: of every upper half, with lower halves around
  /// a tie.
  @Test(.enabled(if: lk_probe_wrong_conversions() >= 0, "no AVX-512 BF16")) func conversions() {
    #expect(lk_probe_wrong_conversions() == 0)
  }

  /// Where the processor has the instruction it is used.
  @Test(.enabled(if: lk_has(LK_X86_64_AMX) != 0, "this processor has no AMX")) func processorsOwn() {
    #expect(ProductSet.matrix != nil, "the system does not permit AMX, or its bits differ")
  }

  /// Sums at the edge of a block and of what is packed at once, of one tile and of several.
  @Test func edges() {
    let tiles = [(1, 1), (16, 16), (17, 16), (16, 17), (32, 32), (33, 33), (48, 64), (31, 63)]
    for (terms, shapes) in [([0, 1, 31, 32, 33, 63, 64], tiles), ([1023, 1024, 1025, 2049], [(1, 3), (17, 33)])] {
      for k in terms {
        for (m, n) in shapes {
          for transposed in [false, true] {
            let operands = ProductOperands(m, k, n, seed: UInt64(k + m), bias: true, transposed: transposed)
            let expected = Chain(precision: .bf16, fused: true).product(operands)
            for set in [ProductSet.modelled] + (ProductSet.matrix.map { [$0] } ?? []) {
              expectSameBits(set.product(operands, scratch: productScratch()), expected, "\(set), \(operands)")
            }
          }
        }
      }
    }
  }

  /// More columns than are packed together: rows are converted again for the rest.
  @Test func groupsOfPanels() {
    let operands = ProductOperands(33, 1024, 530, seed: 4, bias: true)
    let expected = ProductSet.modelled.product(operands, scratch: productScratch())
    for set in ProductSet.available(.bf16) where set.fuses == true {
      expectSameBits(set.product(operands, scratch: productScratch()), expected, "\(set), \(operands)")
    }
  }
}
