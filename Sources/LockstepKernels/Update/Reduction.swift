internal import CKernels

/// The one tree along which everything is summed over shards: `sum[lo, hi)` with more than one leaf splits at `lo + m`,
/// m the largest power of two strictly below `hi − lo`.
package enum Tree {
  /// Where a node with `count` > 1 leaves splits.
  package static func split(_ count: Int) -> Int {
    precondition(count > 1)
    return 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// Combines the leaves `range` along the tree.
  package static func reduce<Value>(_ range: Range<Int>, leaf: (Int) -> Value, combine: (Value, Value) -> Value)
    -> Value
  {
    precondition(!range.isEmpty)
    if range.count == 1 { return leaf(range.lowerBound) }
    let middle = range.lowerBound + split(range.count)
    let left = reduce(range.lowerBound..<middle, leaf: leaf, combine: combine)
    let right = reduce(middle..<range.upperBound, leaf: leaf, combine: combine)
    return combine(left, right)
  }

  /// The tree sum of Doubles; 0 for none.
  package static func sum(_ range: Range<Int>, _ leaf: (Int) -> Double) -> Double {
    range.isEmpty ? 0 : reduce(range, leaf: leaf, combine: +)
  }

  /// sum[i] = tree sum over the leaves of slots[leaf · stride + offset + i]. `sum` may be the region of leaf 0.
  ///
  /// - Parameters:
  ///   - slots: the leaves' regions, `stride` elements apart.
  ///   - offset: where in a leaf's region the summed elements begin.
  package static func sum(_ slots: Vector, leaves: Int, stride: Int, at offset: Int, into sum: Vector) {
    precondition(leaves >= 1 && offset >= 0 && (leaves - 1) * stride + offset + sum.count <= slots.count)
    lk_tree_sum(sum.count, Int32(leaves), stride, slots.base + offset, sum.base)
  }
}

extension Vector {
  /// Σ x², in Double, in an order that depends on the count alone.
  package var sumOfSquares: Double { lk_sum_of_squares(count, base) }
}

extension Tree {
  /// The largest nodes of the tree over `count` leaves that lie in `range`, in order: what a worker that owns `range`
  /// can sum alone.
  package static func nodes(in range: Range<Int>, of count: Int) -> [Range<Int>] {
    func collect(_ node: Range<Int>) -> [Range<Int>] {
      if !node.overlaps(range) { return [] }
      if range.lowerBound <= node.lowerBound && node.upperBound <= range.upperBound { return [node] }
      let middle = node.lowerBound + split(node.count)
      return collect(node.lowerBound..<middle) + collect(middle..<node.upperBound)
    }
    return range.isEmpty ? [] : collect(0..<count)
  }

  /// sum[i] = tree sum over nodes that have been summed already, each in a slot of its own. `sum` may be the region of
  /// any slot.
  ///
  /// - Parameters:
  ///   - slots: the nodes' slots, `stride` elements apart.
  ///   - nodes: the leaves of each node; they follow one another and cover all leaves.
  ///   - offset: where in a slot the summed elements begin.
  package static func sum(_ slots: Vector, nodes: Slots<Int32>, stride: Int, at offset: Int, into sum: Vector) {
    precondition(offset >= 0 && (nodes.count - 1) * stride + offset + sum.count <= slots.count)
    var leaves: Int32 = 0
    for node in 0..<nodes.count { leaves += nodes[node] }
    lk_node_sum(sum.count, leaves, stride, nodes.base, slots.base + offset, sum.base)
  }
}
