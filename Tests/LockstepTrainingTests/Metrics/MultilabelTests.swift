import LockstepKernels
import LockstepTraining
import TestSupport
import Testing

/// Figures of labels of which a sample may have any number.
@Suite struct MultilabelTests {
  private let memory = TestMemory()

  private func figures(_ rows: [(targets: [Float], logits: [Float])]) -> MultilabelFigures {
    var figures = MultilabelFigures(labels: rows[0].targets.count, samples: rows.count)
    for row in rows { figures.add(true: memory.vector(row.targets), logits: memory.vector(row.logits)) }
    return figures
  }

  /// Three labels by hand; the last is neither there nor predicted.
  @Test func byHand() {
    let figures = figures([
      ([1, 0, 0], [2, -1, -1]), ([1, 1, 0], [0.1, -3, -2]), ([0, 1, 0], [1, 4, -9]), ([0, 0, 0], [-1, -1, -1]),
      ([1, 0, 0], [0, -2, -1]),
    ])
    #expect(figures.samples == 5 && figures.labels.map(\.accuracy) == [3.0 / 5, 4.0 / 5, 1])
    // Label 0: two of three predictions are right, two of three positives found; 0 is not above 0.
    #expect(figures.labels.map { $0.precision(1) } == [2.0 / 3, 1, 0])
    #expect(figures.labels.map { $0.recall(1) } == [2.0 / 3, 0.5, 0])
    #expect(figures.labels.map { $0.support[1] } == [3, 2, 0])
    #expect(figures.subsetAccuracy == 2.0 / 5)
    expectClose(actual: [figures.macro { $0.f1(1) }], expected: [(2.0 / 3 + 2.0 / 3 + 0) / 3])
    expectClose(actual: [figures.microF1], expected: [2.0 * 3 / (4 + 5)])
  }

  @Test func withoutSamples() {
    let figures = MultilabelFigures(labels: 2, samples: 0)
    #expect(figures.subsetAccuracy == 0 && figures.microF1 == 0 && figures.macro { $0.recall(1) } == 0)
  }

  /// scikit-learn's definitions, over sets of the positives: precision |A ∩ B| / |A|, recall |A ∩ B| / |B|, F1 2 |A ∩
  /// B| / (|A| + |B|), micro over pairs of sample and label.
  @Test(arguments: testSeeds)
  func byTheDefinitions(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for (samples, labels) in [(1, 1), (7, 3), (64, 1), (101, 13)] {
      let rows = (0..<samples).map { _ in (generator.labels(labels, below: 2), generator.normal(labels)) }
      let figures = figures(rows)
      var (common, predicted, actual) = (0, 0, 0)
      var f1: [Double] = []
      for label in 0..<labels {
        let a = Set(rows.indices.filter { rows[$0].1[label] > 0 })
        let b = Set(rows.indices.filter { rows[$0].0[label] == 1 })
        let both = a.intersection(b).count
        (common, predicted, actual) = (common + both, predicted + a.count, actual + b.count)
        f1.append(a.count + b.count == 0 ? 0 : Double(2 * both) / Double(a.count + b.count))
        #expect(figures.labels[label].precision(1) == (a.isEmpty ? 0 : Double(both) / Double(a.count)))
        #expect(figures.labels[label].recall(1) == (b.isEmpty ? 0 : Double(both) / Double(b.count)))
        #expect(
          figures.labels[label].accuracy == Double(samples - a.symmetricDifference(b).count) / Double(samples))
      }
      let exact = rows.count { row in (0..<labels).allSatisfy { (row.1[$0] > 0) == (row.0[$0] == 1) } }
      #expect(figures.subsetAccuracy == Double(exact) / Double(samples))
      expectClose(actual: [figures.macro { $0.f1(1) }], expected: [f1.reduce(0, +) / Double(labels)])
      let pairs = predicted + actual
      expectClose(actual: [figures.microF1], expected: [pairs == 0 ? 0 : Double(2 * common) / Double(pairs)])
    }
  }
}
