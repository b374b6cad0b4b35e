import LockstepFormats

/// Which layers of a deep network need not be shown one by one: those of blocks that come again and again, each as its
/// neighbours let one expect.
///
/// A block is what `repeat` makes once, `repeat0.7`. It fits where every figure of every layer lies near the mean of
/// the same figure in the blocks before and behind it: a magnitude within a factor of `factor` of the geometric mean, a
/// share within `width` of the arithmetic one. So what stays the same or changes evenly is folded, however much that
/// comes to over all blocks; what steps, ends or begins is shown, and so are the first block and the last.
struct LayerFolding {
  /// A figure of a layer; nil where the layer has none of its kind.
  enum Figure {
    case magnitude(Double?)
    case share(Double?)
  }

  struct Layer {
    var name: String
    var figures: [Figure]
  }

  static let (factor, width) = (2.0, 0.1)
  /// Fewer blocks in a row are shown.
  private static let fewest = 3

  /// What is folded: the layers of some blocks in a row.
  struct Fold {
    var layers: Range<Int>
    /// Of the first block and of the last, `repeat0.1`.
    var (first, last): (String, String)
    var blocks: Int

    /// `98 blocks like their neighbours, repeat0.1 to repeat0.98`
    var words: String { "\(blocks) blocks like their neighbours, \(first) to \(last)" }
  }

  /// - Parameters:
  ///   - layers: of the network, or some kinds of them, in their order.
  ///   - shown: layers that something is told of, whose blocks stay.
  static func folds(of layers: [Layer], showing shown: Set<String> = []) -> [Fold] {
    let blocks = blocks(of: layers)
    var (folds, open): ([Fold], [Block]) = ([], [])
    func close() {
      if open.count >= fewest, let first = open.first, let last = open.last {
        folds.append(
          Fold(
            layers: first.layers.lowerBound..<last.layers.upperBound, first: first.name, last: last.name,
            blocks: open.count))
      }
      open = []
    }
    for index in blocks.indices {
      let block = blocks[index]
      let isFolded =
        index > 0 && index + 1 < blocks.count
        && !layers[block.layers].contains { shown.contains($0.name) }
        && fits(block, between: blocks[index - 1], blocks[index + 1], layers)
      if !isFolded || open.last.map({ $0.stack != block.stack }) == true { close() }
      if isFolded { open.append(block) }
    }
    close()
    return folds
  }

  /// What the folds are by, for a legend.
  static let legend =
    "Blocks that come again are folded where each figure fits its neighbours': a magnitude within a factor of \(Scale.plain(factor)) of their geometric mean, a share within \(Scale.plain(100 * width)) % of their mean. What does not fit, what the verdict names, and the first and the last stand open."

  // MARK: Blocks

  private struct Block {
    var stack: Substring
    var name: String
    var layers: Range<Int>
  }

  /// Layers in a row whose names begin with the same `repeat0.7`; each other layer is a block of its own.
  private static func blocks(of layers: [Layer]) -> [Block] {
    var blocks: [Block] = []
    for index in layers.indices {
      let parts = layers[index].name.split(separator: ".", maxSplits: 2)
      let isRepeated = parts.count > 2 && parts[0].hasPrefix("repeat") && Int(parts[1]) != nil
      let name = isRepeated ? "\(parts[0]).\(parts[1])" : layers[index].name
      if let last = blocks.indices.last, isRepeated, blocks[last].name == name {
        blocks[last].layers = blocks[last].layers.lowerBound..<index + 1
      } else {
        blocks.append(
          Block(stack: isRepeated ? parts[0] : layers[index].name[...], name: name, layers: index..<index + 1))
      }
    }
    return blocks
  }

  private static func fits(_ block: Block, between former: Block, _ next: Block, _ layers: [Layer]) -> Bool {
    let all = [former, block, next]
    guard Set(all.map(\.stack)).count == 1, Set(all.map(\.layers.count)).count == 1 else { return false }
    return zip(zip(former.layers, block.layers), next.layers).allSatisfy { indices, last in
      let (first, middle) = (layers[indices.0].figures, layers[indices.1].figures)
      return zip(zip(first, middle), layers[last].figures).allSatisfy { fits($0.1, between: $0.0, $1) }
    }
  }

  private static func fits(_ figure: Figure, between former: Figure, _ next: Figure) -> Bool {
    switch (former, figure, next) {
    case (.magnitude(nil), .magnitude(nil), .magnitude(nil)), (.share(nil), .share(nil), .share(nil)): true
    case (.magnitude(let a?), .magnitude(let value?), .magnitude(let b?)):
      // Roots first: the product of two small numbers would be 0.
      a == value && value == b
        || a > 0 && b > 0 && value <= factor * a.squareRoot() * b.squareRoot()
          && value * factor >= a.squareRoot() * b.squareRoot()
    case (.share(let a?), .share(let value?), .share(let b?)): abs(value - (a + b) / 2) <= width
    default: false
    }
  }
}
