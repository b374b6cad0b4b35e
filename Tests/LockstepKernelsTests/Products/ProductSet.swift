import CKernels
import KernelProbes
import LockstepKernels
import Testing

/// The matrix products of one instruction set and precision, called as C has them, with every operand between guards.
struct ProductSet: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Whether a multiply-add is rounded once. Nil where the compiler decides.
  let fuses: Bool?
  let precision: Precision
  private let origin: Origin

  private enum Origin {
    case processor(lk_instructions)
    case model
  }

  /// Those that this machine has, of each precision the widest last, which is the one that trains; and those of the
  /// matrix instruction's model, which every machine has.
  static let available: [ProductSet] = {
    #if arch(x86_64)
      let all = [("x86-64", LK_BASE, false), ("x86-64-v3", LK_X86_64_V3, true), ("x86-64-v4", LK_X86_64_V4, true)]
    #elseif arch(arm64)
      let all = [("arm64", LK_BASE, true)]
    #else
      let all = [("baseline", LK_BASE, nil as Bool?)]
    #endif
    let ofProcessor = Precision.allCases.flatMap { precision in
      all.filter { lk_products_of($0.1, precision.inC) != nil }.map {
        ProductSet(
          testDescription: "\($0.0) in \(precision)", fuses: $0.2, precision: precision, origin: .processor($0.1))
      }
    }
    return [modelled] + ofProcessor + (matrix.map { [$0] } ?? [])
  }()

  /// The matrix instruction of this processor; nil where it has none, or the system does not let it be used.
  static let matrix: ProductSet? =
    lk_products_of(LK_X86_64_AMX, LK_BFLOAT16_PRODUCTS) == nil
    ? nil
    : ProductSet(
      testDescription: "x86-64-v4+amx in bf16", fuses: true, precision: .bf16, origin: .processor(LK_X86_64_AMX))

  /// The same code with a model of the instruction in C.
  static let modelled = ProductSet(
    testDescription: "the matrix instruction's model", fuses: true, precision: .bf16, origin: .model)

  /// Those of one precision.
  static func available(_ precision: Precision) -> [ProductSet] { available.filter { $0.precision == precision } }

  /// The processor's; nil for the model.
  var set: lk_instructions? {
    if case .processor(let set) = origin { set } else { nil }
  }

  /// Whether the instruction is a model, which takes long.
  var isModelled: Bool {
    if case .model = origin { true } else { false }
  }

  var products: lk_products {
    guard case .processor(let set) = origin else { return lk_probe_modelled_products }
    guard let products = lk_products_of(set, precision.inC) else { fatalError("\(testDescription) is not available") }
    return products.pointee
  }

  /// c [m, n] = bias + a b.
  ///
  /// - Parameters:
  ///   - scratch: of as many elements as `productScratch()` has.
  ///   - gap: elements between the rows of all matrices, which belong to nobody.
  func product(_ operands: ProductOperands, scratch: GuardedMemory, gap: Int = 0) -> [Float] {
    let (m, k, n) = operands.shape
    let width = operands.transposed ? k : n
    let (a, b) = (Gapped(operands.a, columns: k, gap), Gapped(operands.bAsStored, columns: width, gap))
    let bias = operands.bias.map { GuardedMemory($0) }
    let c = Gapped([Float](repeating: .nan, count: m * n), columns: n, gap)
    products.product(
      m, k, n, a.base, k + gap, b.base, width + gap, operands.transposed ? 1 : 0, bias?.base, nil, c.base, n + gap,
      scratch.base)
    #expect(c.isIntact && scratch.isIntact, "\(self), \(operands): written beside the result")
    return c.array
  }

  /// gradient [inputs, units] = tree over the shards of xᵀ dy, with no more scratch than its function says; the
  /// magnitude that it notes is the gradient's.
  func weightGradient(_ operands: GradientOperands, gap: Int = 0, goesPast: Bool = false) -> [Float] {
    let (inputs, units) = (operands.inputs, operands.units)
    let (x, dy) = (Gapped(operands.x, columns: inputs, gap), Gapped(operands.dy, columns: units, gap))
    let gradient = Gapped([Float](repeating: .nan, count: inputs * units), columns: units, gap)
    let scratch = GuardedMemory(
      count: lk_weight_gradient_scratch(
        precision.inC, operands.shardRows.count, operands.shardRows.max() ?? 0, inputs, units))
    var largest: UInt32 = 0
    products.weight_gradient(
      operands.shardRows.count, operands.shardRows, inputs, units, x.base, inputs + gap, dy.base, units + gap,
      gradient.base, units + gap, goesPast ? 1 : 0, &largest, scratch.base)
    #expect(largest == gradient.array.map(\.magnitude.bitPattern).max() ?? 0, "\(self), \(operands): the magnitude")
    #expect(gradient.isIntact && scratch.isIntact, "\(self), \(operands): written beside the result")
    return gradient.array
  }
}

extension Precision {
  var inC: lk_precision { self == .float32 ? LK_FLOAT32 : LK_BFLOAT16_PRODUCTS }
}

/// Scratch for a product of any precision.
func productScratch() -> GuardedMemory {
  GuardedMemory(count: Precision.allCases.map { lk_product_scratch($0.inC) }.max() ?? 0)
}

/// A matrix that is some columns of a wider one, of which the others hold what is no number.
struct Gapped {
  private let memory: GuardedMemory
  private let columns: Int
  private let gap: Int
  private static let filling = Float(bitPattern: 0x7FC0_FACE)

  init(_ elements: [Float], columns: Int, _ gap: Int) {
    (self.columns, self.gap) = (columns, gap)
    let rows = columns == 0 ? 0 : elements.count / columns
    memory = GuardedMemory(
      gap == 0
        ? elements
        : (0..<rows).flatMap {
          elements[$0 * columns..<($0 + 1) * columns] + [Float](repeating: Gapped.filling, count: gap)
        })
  }

  var base: UnsafeMutablePointer<Float> { memory.base }

  /// The elements without what is between the rows.
  var array: [Float] {
    gap == 0 ? memory.array : memory.array.enumerated().filter { $0.offset % (columns + gap) < columns }.map(\.element)
  }

  /// Nothing was written before the first element, nor between the rows.
  var isIntact: Bool {
    memory.isIntact
      && (gap == 0
        || memory.array.enumerated().allSatisfy {
          $0.offset % (columns + gap) < columns || $0.element.bitPattern == Gapped.filling.bitPattern
        })
  }
}
