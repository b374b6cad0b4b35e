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

/// The promised order of a precision.
struct Chain: Hashable {
  let precision: Precision
  /// Whether a multiply-add is rounded once.
  let fused: Bool

  func product(_ operands: ProductOperands) -> [Float] {
    let (m, k, n) = operands.shape
    var c = (0..<m).flatMap { _ in operands.bias ?? [Float](repeating: 0, count: n) }
    let (a, b) = (operands.a.map(operand), operands.b.map(operand))
    for row in 0..<m {
      add(0..<k, to: &c, row * n, count: n, left: { a[row * k + $0] }, right: b)
    }
    return c
  }

  /// One row of a product: bias [columns] + left [terms] right [terms, columns].
  func row(_ left: [Float], _ right: [Float], columns: Int, bias: [Float]? = nil) -> [Float] {
    var sums = bias ?? [Float](repeating: 0, count: columns)
    let (a, b) = (left.map(operand), right.map(operand))
    add(0..<a.count, to: &sums, 0, count: columns, left: { a[$0] }, right: b)
    return sums
  }

  /// A sum a shard, and the shards' along the tree.
  func weightGradient(_ operands: GradientOperands) -> [Float] {
    let (inputs, units) = (operands.inputs, operands.units)
    let (x, dy) = (operands.x.map(operand), operands.dy.map(operand))
    var first = 0
    let leaves = operands.shardRows.map { rows in
      defer { first += rows }
      var sums = [Float](repeating: 0, count: inputs * units)
      for input in 0..<inputs {
        add(first..<first + rows, to: &sums, input * units, count: units, left: { x[$0 * inputs + input] }, right: dy)
      }
      return sums
    }
    return Tree.reduce(leaves.indices, leaf: { leaves[$0] }, combine: { zip($0, $1).map { $0 + $1 } })
  }

  /// sums[begin + j] += Σ over the terms p of left(p) · right[p, j], j < count, right being [terms, count].
  private func add(
    _ terms: Range<Int>, to sums: inout [Float], _ begin: Int, count: Int, left: (Int) -> Float, right: [Float]
  ) {
    if precision == .float32 {
      for p in terms { add(left(p), right, p * count, to: &sums, begin, count: count) }
      return
    }
    for block in stride(from: terms.lowerBound, to: max(terms.upperBound, terms.lowerBound + 1), by: 32) {
      var (even, odd) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
      let end = min(block + 32, terms.upperBound)
      for p in stride(from: block, to: end, by: 2) { add(left(p), right, p * count, to: &even, 0, count: count) }
      for p in stride(from: block + 1, to: end, by: 2) { add(left(p), right, p * count, to: &odd, 0, count: count) }
      for j in 0..<count {
        // The terms that a block lacks are zeros; one of them changes what all do.
        if end < block + 32 { (even[j], odd[j]) = (even[j] + 0, odd[j] + 0) }
        sums[begin + j] = flushed(flushed(sums[begin + j]) + flushed(even[j] + odd[j]))
      }
    }
  }

  /// sums[begin + j] += left · right[first + j], j < count
  private func add(
    _ left: Float, _ right: [Float], _ first: Int, to sums: inout [Float], _ begin: Int, count: Int
  ) {
    for j in 0..<count {
      let (sum, factor) = (sums[begin + j], right[first + j])
      switch (precision, fused) {
      case (.float32, true): sums[begin + j] = sum.addingProduct(left, factor)
      case (.float32, false): sums[begin + j] = sum + left * factor
      case (.bf16, true): sums[begin + j] = flushed(sum.addingProduct(left, factor))
      case (.bf16, false): sums[begin + j] = flushed(sum + flushed(left * factor))
      }
    }
  }

  /// Denormals are zero in bfloat16's sums.
  private func flushed(_ x: Float) -> Float {
    abs(x) >= .leastNormalMagnitude || x.isNaN ? x : x.sign == .minus ? -0.0 : 0
  }

  /// An operand as it is multiplied: in bfloat16 the nearer of the two numbers of 8 bits between which it lies, of two
  /// that are as near the even one.
  private func operand(_ x: Float) -> Float {
    if precision == .float32 || !x.isFinite || x.isZero { return x }
    if x.isSubnormal { return flushed(x) }
    let place = x.ulp * 0x1p16
    let rounded = (Double(x) / Double(place)).rounded(.toNearestOrEven) * Double(place)
    return Float(rounded)
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
    { $0.product(operands, scratch: scratch) }, { $0.product(operands) }, inDouble, roundings: 2 * k, "\(operands)",
    sourceLocation)
}

func expectChain(_ operands: GradientOperands, sourceLocation: SourceLocation = #_sourceLocation) {
  let levels = Int.bitWidth - operands.shardRows.count.leadingZeroBitCount
  func inDouble(_ number: (Float) -> Double) -> [Double] {
    let rows = operands.shardRows.reduce(0, +)
    let x = Reference.transposed(operands.x.map(number), rows: rows, columns: operands.inputs)
    return Reference.product(x, operands.dy.map(number), m: operands.inputs, k: rows, n: operands.units)
  }
  expectChain(
    { $0.weightGradient(operands) }, { $0.weightGradient(operands) }, inDouble,
    roundings: 2 * (operands.shardRows.max() ?? 0) + levels, "\(operands)", sourceLocation)
}

/// - Parameters:
///   - inDouble: the sum of the terms' images.
///   - roundings: of an element, at most. It strays by n · 2⁻²⁴ / (1 − n · 2⁻²⁴) of the sum of its terms' magnitudes at
///     most (Higham 2002, section 3.1).
private func expectChain(
  _ compute: (ProductSet) -> [Float], _ chain: (Chain) -> [Float], _ inDouble: ((Float) -> Double) -> [Double],
  roundings: Int, _ what: String, _ sourceLocation: SourceLocation
) {
  let (sums, magnitudes) = (inDouble { Double($0) }, inDouble { Double(abs($0)) })
  var chains: [Chain: [Float]] = [:]
  for set in ProductSet.available {
    let actual = compute(set)
    if let fuses = set.fuses {
      let order = Chain(precision: set.precision, fused: fuses)
      let expected = chains[order] ?? chain(order)
      chains[order] = expected
      expectSameBits(actual, expected, "\(set), \(what)", sourceLocation: sourceLocation)
    }
    // Two operands of 8 significant bits stray by 2⁻⁸ of their product each at most.
    let unit = Double(roundings) * 0x1p-24 + (set.precision == .bf16 ? 2.02 * 0x1p-8 : 0)
    for index in sums.indices
    where !(abs(Double(actual[index]) - sums[index]) <= unit / (1 - unit) * magnitudes[index]) {
      Issue.record(
        "\(set), \(what): element \(index) is \(actual[index]), expected \(sums[index])", sourceLocation: sourceLocation
      )
      return
    }
  }
}
