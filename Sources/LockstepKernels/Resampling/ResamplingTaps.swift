/// Along one axis, which elements of the source make each element of the result, and with what weights: bilinear
/// interpolation with antialiasing, the triangle being as wide as the source's elements that an element of the result
/// covers. With s = max(1, source / result) and the centre c = (i + 1/2) source / result of element i,
///
/// ```
/// weight[j] ∝ max(0, 1 − |j + 1/2 − c| / s)        over the elements j of the source, normalised
/// ```
///
/// Weights are rounded to 2⁻²² each. They are those of Pillow, torchvision's (antialiased) and TensorFlow's too but for
/// rounding. Formed in Double by operations of IEEE 754 alone: the same on every processor.
package struct ResamplingTaps: Sendable {
  /// Elements of the result, from that at `start` on.
  package let count: Int
  /// By element: the first of the source that counts, and how many do.
  let first: [Int32]
  let counts: [Int32]
  /// By element, `most` a piece.
  let weights: [Int32]
  let most: Int

  /// - Parameters:
  ///   - source: elements of the source, at least 1.
  ///   - result: elements that all of the source becomes, at least 1.
  ///   - kept: those of them that are wanted.
  package init(from source: Int, to result: Int, kept: Range<Int>) {
    precondition(source > 0 && result > 0 && source <= Int32.max, "an axis without elements")
    precondition(kept.lowerBound >= 0 && kept.upperBound <= result, "elements that there are not")
    let scale = Double(source) / Double(result)
    let support = max(scale, 1)
    let narrowing = 1 / support
    most = Int(support.rounded(.up)) * 2 + 1
    count = kept.count
    var (first, counts) = ([Int32](), [Int32]())
    var weights = [Int32](repeating: 0, count: kept.count * most)
    for (place, element) in kept.enumerated() {
      let center = (Double(element) + 0.5) * scale
      let low = max(0, Int(center - support + 0.5))
      let high = min(source, Int(center + support + 0.5))
      var shares = (low..<high).map { max(0, 1 - abs((Double($0) - center + 0.5) * narrowing)) }
      let sum = shares.reduce(0, +)
      if sum != 0 { shares = shares.map { $0 / sum } }
      for (k, share) in shares.enumerated() { weights[place * most + k] = Int32(0.5 + share * 0x1p22) }
      first.append(Int32(low))
      counts.append(Int32(high - low))
    }
    (self.first, self.counts, self.weights) = (first, counts, weights)
  }

  /// The elements of the source that any element of the result needs.
  package var source: Range<Int> {
    var (low, high) = (Int.max, 0)
    for (first, count) in zip(first, counts) { (low, high) = (min(low, Int(first)), max(high, Int(first + count))) }
    return low < high ? low..<high : 0..<0
  }
}
