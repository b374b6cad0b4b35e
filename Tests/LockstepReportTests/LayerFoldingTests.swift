import Testing

@testable import LockstepReport

/// Of a deep network what goes on evenly is folded; what does not, what begins and what ends stays open.
@Suite struct LayerFoldingTests {
  /// `times` blocks of two layers and a last one; the signal shrinks by a third a layer.
  private func layers(_ times: Int) -> [LayerFolding.Layer] {
    var (layers, signal): ([LayerFolding.Layer], Double) = ([], 1)
    for block in 0..<times {
      for name in ["dense0", "relu0"] {
        layers.append(
          .init(name: "repeat0.\(block).\(name)", figures: [.magnitude(signal), .share(name == "relu0" ? 0.4 : nil)]))
        signal *= 0.33
      }
    }
    return layers + [.init(name: "dense0", figures: [.magnitude(signal), .share(nil)])]
  }

  private func ranges(_ layers: [LayerFolding.Layer], showing shown: Set<String> = []) -> [Range<Int>] {
    LayerFolding.folds(of: layers, showing: shown).map(\.layers)
  }

  /// The first block and the last have no neighbour on one side.
  @Test func whatGoesOnEvenlyIsFolded() throws {
    #expect(ranges(layers(10)) == [2..<18])
    let fold = try #require(LayerFolding.folds(of: layers(10)).first)
    #expect(fold.words == "8 blocks like their neighbours, repeat0.1 to repeat0.8")
    // Three are the fewest.
    #expect(ranges(layers(5)) == [2..<8] && ranges(layers(4)).isEmpty && ranges(layers(1)).isEmpty)
  }

  /// At 2.1 times the mean of its neighbours it is shown; then theirs, 1.45 times, still fit.
  @Test func whatDoesNotFitStands() {
    var deep = layers(20)
    guard case .magnitude(let value?) = deep[20].figures[0] else { return }
    deep[20].figures[0] = .magnitude(value * 1.9)
    #expect(ranges(deep) == [2..<38])
    deep[20].figures[0] = .magnitude(value * 2.1)
    #expect(ranges(deep) == [2..<20, 22..<38])
    deep[20].figures[0] = .magnitude(nil)
    // Beside a figure that is missing nothing can be told.
    #expect(ranges(deep) == [2..<18, 24..<38])
    deep[20].figures[0] = .magnitude(0)
    #expect(ranges(deep) == [2..<18, 24..<38])
  }

  @Test func sharesMayDifferByATenth() {
    var deep = layers(20)
    deep[21].figures[1] = .share(0.49)
    #expect(ranges(deep) == [2..<38])
    deep[21].figures[1] = .share(0.51)
    #expect(ranges(deep) == [2..<20, 22..<38])
  }

  @Test func whatIsToldOfStands() {
    #expect(ranges(layers(20), showing: ["repeat0.7.relu0", "dense0"]) == [2..<14, 16..<38])
  }

  /// Layers that are the same to the last bit, also where all are 0.
  @Test func equalOnesAreFolded() {
    let zeros = (0..<6).map { LayerFolding.Layer(name: "repeat1.\($0).dense0", figures: [.magnitude(0)]) }
    #expect(ranges(zeros) == [1..<5])
    // Two stacks are not one.
    let other = (0..<6).map { LayerFolding.Layer(name: "repeat2.\($0).dense0", figures: [.magnitude(0)]) }
    #expect(ranges(zeros + other) == [1..<5, 7..<11])
    // Layers that no repeat has made stand for themselves.
    let single = (0..<6).map { LayerFolding.Layer(name: "dense\($0)", figures: [.magnitude(0)]) }
    #expect(ranges(single).isEmpty)
  }
}
