import LockstepData
import SampleSupport
import Testing

@Suite struct SparseParityTests {
  /// Exactly one set of three features explains every label.
  @Test func theLabelIsTheParityOfThreeFeatures() throws {
    let dataset = try SyntheticSpecification(
      kind: .sparseParity(), samples: 1000, features: 9, task: .classification(classes: 2)
    ).makeDataset(runSeed: 6)
    let rows = try Rows(dataset, Array(0..<200))
    #expect(rows.features.joined().allSatisfy { $0 == 1 || $0 == -1 })
    var explanations: [[Int]] = []
    for a in 0..<9 {
      for b in (a + 1)..<9 {
        for c in (b + 1)..<9 where explains(rows, [a, b, c]) { explanations.append([a, b, c]) }
      }
    }
    #expect(explanations.count == 1)
    let validation = try SyntheticSpecification(
      kind: .sparseParity(), samples: 1000, features: 9, task: .classification(classes: 2), split: "validation"
    ).makeDataset(runSeed: 6)
    #expect(explains(try Rows(validation, Array(0..<200)), explanations[0]))
  }

  private func explains(_ rows: Rows, _ positions: [Int]) -> Bool {
    zip(rows.features, rows.labels).allSatisfy { x, label in positions.count { x[$0] > 0 } % 2 == label }
  }

  @Test func everyBitMayBeSecret() throws {
    let dataset = try SyntheticSpecification(
      kind: .sparseParity(parityBits: 5), samples: 1000, features: 5, task: .classification(classes: 2)
    ).makeDataset(runSeed: 6)
    #expect(explains(try Rows(dataset, Array(0..<300)), [0, 1, 2, 3, 4]))
  }
}
