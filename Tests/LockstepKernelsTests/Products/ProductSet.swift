import CKernels
import Testing

/// The matrix products of one instruction set, called as C has them, with every operand between guards.
struct ProductSet: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Whether a multiply-add is rounded once. Nil where the compiler decides.
  let fuses: Bool?
  private let set: lk_instructions

  /// Those that this machine has, the widest last, which is the one that trains.
  static let available: [ProductSet] = {
    #if arch(x86_64)
      let all = [("x86-64", LK_BASE, false), ("x86-64-v3", LK_X86_64_V3, true), ("x86-64-v4", LK_X86_64_V4, true)]
    #elseif arch(arm64)
      let all = [("arm64", LK_BASE, true)]
    #else
      let all = [("baseline", LK_BASE, nil as Bool?)]
    #endif
    return all.filter { lk_products_of($0.1) != nil }.map { ProductSet(testDescription: $0.0, fuses: $0.2, set: $0.1) }
  }()

  private var products: lk_products {
    guard let products = lk_products_of(set) else { fatalError("\(testDescription) is not available") }
    return products.pointee
  }

  /// c [m, n] = bias + a b.
  ///
  /// - Parameter scratch: of `lk_product_scratch()` elements.
  func product(_ operands: ProductOperands, scratch: GuardedMemory) -> [Float] {
    let (m, k, n) = operands.shape
    let (a, b) = (GuardedMemory(operands.a), GuardedMemory(operands.bAsStored))
    let bias = operands.bias.map { GuardedMemory($0) }
    let c = GuardedMemory(count: m * n)
    products.product(m, k, n, a.base, b.base, operands.transposed ? 1 : 0, bias?.base, nil, c.base, scratch.base)
    #expect(c.isIntact && scratch.isIntact, "\(self), \(operands): written before the first element")
    return c.array
  }

  /// gradient [inputs, units] = tree over the shards of xᵀ dy, with no more scratch than its function says; the
  /// magnitude that it notes is the gradient's.
  func weightGradient(_ operands: GradientOperands) -> [Float] {
    let (inputs, units) = (operands.inputs, operands.units)
    let (x, dy) = (GuardedMemory(operands.x), GuardedMemory(operands.dy))
    let gradient = GuardedMemory(count: inputs * units)
    let scratch = GuardedMemory(
      count: lk_weight_gradient_scratch(operands.shardRows.count, operands.shardRows.max() ?? 0, inputs, units))
    var largest: UInt32 = 0
    products.weight_gradient(
      operands.shardRows.count, operands.shardRows, inputs, units, x.base, dy.base, gradient.base, &largest,
      scratch.base)
    #expect(largest == gradient.array.map(\.magnitude.bitPattern).max() ?? 0, "\(self), \(operands): the magnitude")
    #expect(gradient.isIntact && scratch.isIntact, "\(self), \(operands): written before the first element")
    return gradient.array
  }
}
