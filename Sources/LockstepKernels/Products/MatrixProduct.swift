internal import CKernels

// The matrix products of a dense layer. Every element is multiply-adds over the terms in a fixed order (`Precision`),
// so its bits follow from its own row and column alone: a product over all rows of a worker gives the bits of a product
// a shard, and rows and columns may be dealt out to anybody. Every matrix may be some rows and columns of a larger one.

/// What a matrix product is computed in: its precision, and memory that it packs its operands into; one thread's at a
/// time.
package struct ProductScratch: Sendable {
  package let precision: Precision
  private let arena: Arena

  /// For products of any shape, and for weight gradients of `weights` over at most `shards` shards of at most
  /// `shardRows` rows.
  package init(
    _ precision: Precision = .float32, shards: Int = 0, shardRows: Int = 0, weights: [(inputs: Int, units: Int)] = []
  ) {
    self.precision = precision
    arena = Arena(count: ProductScratch.elements(precision, shards: shards, shardRows: shardRows, weights: weights))
  }

  /// The same memory for products in float32 where it is for bfloat16, which takes more.
  package func computing(in precision: Precision) -> ProductScratch {
    precondition(precision == .float32 || precision == self.precision, "memory for \(self.precision)")
    return ProductScratch(precision, arena)
  }

  private init(_ precision: Precision, _ arena: Arena) { (self.precision, self.arena) = (precision, arena) }

  /// Float32 elements that it takes.
  package static func elements(
    _ precision: Precision, shards: Int, shardRows: Int, weights: [(inputs: Int, units: Int)]
  ) -> Int {
    weights.reduce(lk_product_scratch(precision.code)) {
      max($0, lk_weight_gradient_scratch(precision.code, shards, shardRows, $1.inputs, $1.units))
    }
  }

  fileprivate var base: UnsafeMutablePointer<Float> { arena.all.base }

  fileprivate func holds(_ count: Int) -> Bool { count <= arena.count }
}

/// c = f(a b + bias), the bias added to every row; f is applied to rows of c while they are in cache. Shapes: a [m, k],
/// b [k, n], bias [n], c [m, n].
package func multiply(
  _ a: Matrix, _ b: Matrix, bias: Vector? = nil, then function: ActivationFunction? = nil, into c: Matrix,
  scratch: ProductScratch
) {
  precondition(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns, "shapes do not fit")
  precondition(bias.map { $0.count == c.columns } ?? true, "a bias a column")
  withFinish(function, value: nil) {
    lk_product(
      scratch.precision.code, c.rows, a.columns, c.columns, a.base, a.stride, b.base, b.stride, bias?.base, $0, c.base,
      c.stride, scratch.base)
  }
}

/// c = a bᵀ, the input gradient of a dense layer. Shapes: a [m, k], b [n, k], c [m, n].
///
/// - Parameter function: the activation whose value was the layer's input, if c is to be the gradient before it: c = a
///   bᵀ · f′, rows in cache.
package func multiplyTransposingSecond(
  _ a: Matrix, _ b: Matrix, throughInput function: (ActivationFunction, value: Matrix)? = nil, into c: Matrix,
  scratch: ProductScratch
) {
  precondition(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows, "shapes do not fit")
  if let value = function?.value {
    precondition(value.rows == c.rows && value.columns == c.columns && value.stride == c.stride)
  }
  withFinish(function?.0, value: function?.value) {
    lk_product_transposed(
      scratch.precision.code, c.rows, a.columns, c.columns, a.base, a.stride, b.base, b.stride, $0, c.base, c.stride,
      scratch.base)
  }
}

/// gradient = tree over the shards of xᵀ dy, the weight gradient of a dense layer: one node of the tree over all
/// shards.
///
/// The shards' sums are added in registers and in cache, tile by tile, so that none of them is written to memory.
///
/// - Parameters:
///   - x: [rows, inputs], the shards' rows one after the other.
///   - dy: [rows, units].
///   - shardRows: the rows of every shard.
///   - gradient: [inputs, units].
package func weightGradient(
  x: Matrix, dy: Matrix, shardRows: Slots<Int>, into gradient: Matrix, scratch: ProductScratch
) {
  weightGradient(x, dy, shardRows, gradient, goesPast: false, largest: nil, scratch)
}

/// As `weightGradient(x:dy:shardRows:into:scratch:)`, and the gradient's largest magnitude, noted while its tiles are
/// in registers.
///
/// - Parameter goesPast: whether it is written past the caches, because it is read after more than they hold: a line
///   that is written through a cache is read from memory first. No bit depends on it.
package func notedWeightGradient(
  x: Matrix, dy: Matrix, shardRows: Slots<Int>, into gradient: Matrix, goesPast: Bool = false, scratch: ProductScratch
) -> Magnitude {
  var largest: UInt32 = 0
  weightGradient(x, dy, shardRows, gradient, goesPast: goesPast, largest: &largest, scratch)
  return Magnitude(bits: largest)
}

private func weightGradient(
  _ x: Matrix, _ dy: Matrix, _ shardRows: Slots<Int>, _ gradient: Matrix, goesPast: Bool,
  largest: UnsafeMutablePointer<UInt32>?, _ scratch: ProductScratch
) {
  precondition(x.rows == dy.rows && gradient.rows == x.columns && gradient.columns == dy.columns, "shapes do not fit")
  var (rows, most) = (0, 0)
  for shard in 0..<shardRows.count {
    rows += shardRows[shard]
    most = max(most, shardRows[shard])
  }
  precondition(shardRows.count >= 1 && rows == x.rows, "the shards' rows are not the matrix's")
  precondition(
    scratch.holds(lk_weight_gradient_scratch(scratch.precision.code, shardRows.count, most, x.columns, dy.columns)),
    "too little scratch")
  lk_weight_gradient(
    scratch.precision.code, shardRows.count, shardRows.base, x.columns, dy.columns, x.base, x.stride, dy.base,
    dy.stride, gradient.base,
    gradient.stride, goesPast ? 1 : 0, largest, scratch.base)
}
