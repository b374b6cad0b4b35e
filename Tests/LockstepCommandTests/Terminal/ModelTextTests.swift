import Testing

@testable import LockstepCommand

/// The table of a network's layers.
@Suite struct ModelTextTests {
  private func layer(_ path: String, _ parameters: Int = 0, _ output: Int = 8) -> ModelText.Layer {
    let kind = path.split(separator: ".").last.map { $0.filter { !$0.isNumber } } ?? ""
    return ModelText.Layer(path: path, kind: String(kind), output: "\(output)", parameters: parameters)
  }

  private func total(_ rows: [[String]]) -> Int {
    rows.reduce(0) { $0 + (Int($1[2].filter { $0 != " " }) ?? 0) }
  }

  @Test func layersThatComeAgainAreShownOnce() {
    var layers = [layer("dense0", 24)]
    for index in 0..<20 { layers += [layer("repeat0.\(index).dense0", 72), layer("repeat0.\(index).relu0")] }
    layers.append(layer("dense1", 9, 1))
    let rows = ModelText.folded(layers[...])
    #expect(
      rows == [
        ["dense0", "8", "24"], ["repeat0.0.dense0", "8", "72"], ["repeat0.0.relu0", "8", ""],
        ["… 19 times more", "8", "1 368"], ["dense1", "1", "9"],
      ])
    #expect(total(rows) == layers.reduce(0) { $0 + $1.parameters })
  }

  /// The first of a repeat reads another width, and the block is still the one that was written.
  @Test func blocksBeginWhereTheyAreWritten() {
    var layers: [ModelText.Layer] = []
    for index in 0..<3 {
      layers += [layer("repeat0.\(index).dense0", index == 0 ? 24 : 72), layer("repeat0.\(index).relu0")]
    }
    let rows = ModelText.folded((layers + [layer("dense0", 9, 1)])[...])
    #expect(
      rows.map { $0[0] } == [
        "repeat0.0.dense0", "repeat0.0.relu0", "repeat0.1.dense0", "repeat0.1.relu0", "… once more", "dense0",
      ])
    #expect(total(rows) == 24 + 72 + 72 + 9)
  }

  /// Ten times three times a layer and its activation, and one more.
  @Test func blocksWithinBlocks() {
    var layers: [ModelText.Layer] = []
    for outer in 0..<10 {
      for inner in 0..<3 { layers += [layer("\(outer).\(inner).dense0", 72), layer("\(outer).\(inner).relu0")] }
      layers.append(layer("\(outer).dense1", 72))
    }
    let rows = ModelText.folded(layers[...])
    #expect(rows.map { $0[0] } == ["0.0.dense0", "0.0.relu0", "… 2 times more", "0.dense1", "… 9 times more"])
    #expect(total(rows) == 72 * 40)
  }

  /// An activation before a block that ends with one is not of the block.
  @Test func blocksBeginWhereTheyWereWritten() {
    var layers = [layer("dense0", 24), layer("relu0")]
    for index in 0..<4 { layers += [layer("repeat0.\(index).dense0", 72), layer("repeat0.\(index).relu0")] }
    let rows = ModelText.folded((layers + [layer("dense1", 9, 1)])[...]).map { $0[0] }
    #expect(rows == ["dense0", "relu0", "repeat0.0.dense0", "repeat0.0.relu0", "… 3 times more", "dense1"])
  }

  @Test func whatIsNotTheSameStays() {
    let layers = [layer("dense0", 72), layer("dense1", 72), layer("dense2", 36, 4), layer("dense3", 20, 4)]
    #expect(ModelText.folded(layers[...]).map { $0[0] } == layers.map(\.path))
    #expect(
      ModelText.folded([layer("a", 1), layer("a", 1), layer("a", 1)][...]).map { $0[0] } == ["a", "… 2 times more"])
  }
}
