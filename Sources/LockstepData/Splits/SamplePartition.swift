/// Samples in parts that do not overlap: their classes, or their groups. Parts are numbered in the order in which
/// samples name them.
struct SamplePartition {
  /// The part of each sample.
  let parts: [Int32]
  /// Samples of each part, at least 1.
  let sizes: [Int]

  var count: Int { parts.count }

  init(_ numbers: [Int32]) {
    var known: [Int32: Int32] = [:]
    var sizes: [Int] = []
    parts = numbers.map { number in
      if let part = known[number] {
        sizes[Int(part)] += 1
        return part
      }
      let part = Int32(sizes.count)
      known[number] = part
      sizes.append(1)
      return part
    }
    self.sizes = sizes
  }

  /// Calls `body` with each sample, in a random order, its part, and how many of that part came before it.
  func forEachAtRandom(seed: UInt64, _ body: (_ sample: Int, _ part: Int, _ rank: Int) -> Void) {
    let order = SplitOrder.samples(count, seed: seed)
    var seen = [Int](repeating: 0, count: sizes.count)
    for position in 0..<count {
      let sample = order[position]
      let part = Int(parts[sample])
      body(sample, part, seen[part])
      seen[part] += 1
    }
  }
}
