import LockstepKernels
import TestSupport
import Testing

/// What a matrix product is given. Shapes: a [m, k], b [k, n], bias [n].
struct ProductOperands: CustomStringConvertible {
  let shape: (m: Int, k: Int, n: Int)
  let seed: UInt64
  var a: [Float]
  var b: [Float]
  var bias: [Float]?
  /// Whether the product takes b as [n, k].
  let transposed: Bool

  init(_ m: Int, _ k: Int, _ n: Int, seed: UInt64, bias: Bool = false, transposed: Bool = false) {
    var generator = SeededGenerator(seed: seed)
    (shape, self.seed, self.transposed) = ((m, k, n), seed, transposed)
    (a, b) = (generator.normal(m * k), generator.normal(k * n))
    self.bias = bias ? generator.normal(n) : nil
  }

  var bAsStored: [Float] {
    let (_, k, n) = shape
    return transposed ? (0..<n * k).map { b[$0 % k * n + $0 / k] } : b
  }

  var description: String {
    "\(shape.m) × \(shape.k) × \(shape.n)\(bias == nil ? "" : " with bias")\(transposed ? ", b transposed" : ""), seed \(seed)"
  }
}

/// What a weight gradient is given: the rows of some shards, x [rows, inputs] and dy [rows, units].
struct GradientOperands: CustomStringConvertible {
  let shardRows: [Int]
  let inputs: Int
  let units: Int
  let seed: UInt64
  var x: [Float]
  var dy: [Float]

  init(shardRows: [Int], inputs: Int, units: Int, seed: UInt64 = 1) {
    var generator = SeededGenerator(seed: seed)
    (self.shardRows, self.inputs, self.units, self.seed) = (shardRows, inputs, units, seed)
    let rows = shardRows.reduce(0, +)
    (x, dy) = (generator.normal(rows * inputs), generator.normal(rows * units))
  }

  var description: String {
    let rows = shardRows.allSatisfy { $0 == shardRows.first } ? "\(shardRows.first ?? 0)" : "\(shardRows)"
    return "\(inputs) × \(units) over \(shardRows.count) shards of \(rows) rows, seed \(seed)"
  }
}

/// The promised order: every element is one chain of multiply-adds over the terms, one after the other.
enum Chain {
  /// - Parameter fused: whether a multiply-add is rounded once.
  static func product(_ operands: ProductOperands, fused: Bool) -> [Float] {
    let (m, k, n) = operands.shape
    var c = (0..<m).flatMap { _ in operands.bias ?? [Float](repeating: 0, count: n) }
    for row in 0..<m {
      for inner in 0..<k {
        add(operands.a[row * k + inner], operands.b, inner * n, to: &c, row * n, count: n, fused: fused)
      }
    }
    return c
  }

  /// A chain a shard, and the shards' along the tree.
  static func weightGradient(_ operands: GradientOperands, fused: Bool) -> [Float] {
    let (inputs, units) = (operands.inputs, operands.units)
    var first = 0
    let leaves = operands.shardRows.map { rows in
      defer { first += rows }
      var sums = [Float](repeating: 0, count: inputs * units)
      for row in first..<first + rows {
        for input in 0..<inputs {
          add(
            operands.x[row * inputs + input], operands.dy, row * units, to: &sums, input * units, count: units,
            fused: fused)
        }
      }
      return sums
    }
    return Tree.reduce(leaves.indices, leaf: { leaves[$0] }, combine: { zip($0, $1).map { $0 + $1 } })
  }

  /// sums[begin + j] += left · right[first + j], j < count
  private static func add(
    _ left: Float, _ right: [Float], _ first: Int, to sums: inout [Float], _ begin: Int, count: Int, fused: Bool
  ) {
    for j in 0..<count {
      let (sum, factor) = (sums[begin + j], right[first + j])
      sums[begin + j] = fused ? sum.addingProduct(left, factor) : sum + left * factor
    }
  }
}

/// Expects of every instruction set the bits of the chain, where it is known how a multiply-add is rounded, and the sum
/// in Double.
func expectChain(
  _ operands: ProductOperands, scratch: GuardedMemory, sourceLocation: SourceLocation = #_sourceLocation
) {
  let (m, k, n) = operands.shape
  func inDouble(_ number: (Float) -> Double) -> [Double] {
    let product = Reference.product(operands.a.map(number), operands.b.map(number), m: m, k: k, n: n)
    guard let bias = operands.bias else { return product }
    return product.indices.map { product[$0] + number(bias[$0 % n]) }
  }
  expectChain(
    { $0.product(operands, scratch: scratch) }, { Chain.product(operands, fused: $0) }, inDouble, roundings: 2 * k,
    "\(operands)", sourceLocation)
}

func expectChain(_ operands: GradientOperands, sourceLocation: SourceLocation = #_sourceLocation) {
  let levels = Int.bitWidth - operands.shardRows.count.leadingZeroBitCount
  func inDouble(_ number: (Float) -> Double) -> [Double] {
    let rows = operands.shardRows.reduce(0, +)
    let x = Reference.transposed(operands.x.map(number), rows: rows, columns: operands.inputs)
    return Reference.product(x, operands.dy.map(number), m: operands.inputs, k: rows, n: operands.units)
  }
  expectChain(
    { $0.weightGradient(operands) }, { Chain.weightGradient(operands, fused: $0) }, inDouble,
    roundings: 2 * (operands.shardRows.max() ?? 0) + levels, "\(operands)", sourceLocation)
}

/// - Parameters:
///   - inDouble: the sum of the terms' images.
///   - roundings: of an element, at most. It strays by n · 2⁻²⁴ / (1 − n · 2⁻²⁴) of the sum of its terms' magnitudes at
///     most (Higham 2002, section 3.1).
private func expectChain(
  _ compute: (ProductSet) -> [Float], _ chain: (_ fused: Bool) -> [Float], _ inDouble: ((Float) -> Double) -> [Double],
  roundings: Int, _ what: String, _ sourceLocation: SourceLocation
) {
  let (sums, magnitudes) = (inDouble { Double($0) }, inDouble { Double(abs($0)) })
  let (fused, separate) = (chain(true), chain(false))
  let unit = Double(roundings) * 0x1p-24
  for set in ProductSet.available {
    let actual = compute(set)
    if let fuses = set.fuses {
      expectSameBits(actual, fuses ? fused : separate, "\(set), \(what)", sourceLocation: sourceLocation)
    }
    for index in sums.indices
    where !(abs(Double(actual[index]) - sums[index]) <= unit / (1 - unit) * magnitudes[index]) {
      Issue.record(
        "\(set), \(what): element \(index) is \(actual[index]), expected \(sums[index])", sourceLocation: sourceLocation
      )
      return
    }
  }
}
