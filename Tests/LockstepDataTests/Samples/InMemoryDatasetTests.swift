import LockstepData
import LockstepKernels
import SampleSupport
import Testing

@Suite struct InMemoryDatasetTests {
  @Test func rowsComeBack() throws {
    let dataset = try InMemoryDataset(features: [[0, 1], [2, 3], [4, 5]], labels: [1, 0, 2], classes: 3)
    #expect(dataset.count == 3 && dataset.features == 2 && dataset.task == .classification(classes: 3))
    let rows = try Rows(dataset, [2, 0, 2])
    #expect(rows.features == [[4, 5], [0, 1], [4, 5]])
    #expect(rows.labels == [2, 1, 2])
    #expect(throws: DatasetError.self) { try Rows(dataset, [3]) }
  }

  @Test func flatArraysAreTheSame() throws {
    let nested = try InMemoryDataset(features: [[0, 1, 2], [3, 4, 5]], targets: [[6, 7], [8, 9]])
    let flat = try InMemoryDataset(values: [0, 1, 2, 3, 4, 5], features: 3, targets: [6, 7, 8, 9], targetColumns: 2)
    #expect(nested.task == .regression(targets: 2))
    #expect(try Rows(nested, [1, 0]) == Rows(flat, [1, 0]))
    #expect(nested.fingerprint == flat.fingerprint)
    let labelled = try InMemoryDataset(values: [0, 1], features: 1, labels: [0, 1], classes: 2)
    #expect(try Rows(labelled, [1]).labels == [1])
  }

  @Test func samplesHaveAnyNumberOfLabels() throws {
    let nested = try InMemoryDataset(features: [[0], [1], [2]], labels: [[0, 1], [1, 1], [0, 0]])
    let flat = try InMemoryDataset(values: [0, 1, 2], features: 1, labels: [0, 1, 1, 1, 0, 0], labelColumns: 2)
    #expect(nested.task == .labels(2) && nested.task.targetColumns == 2 && nested.count == 3)
    #expect(try Rows(nested, [1, 2, 0]).targets == [[1, 1], [0, 0], [0, 1]])
    #expect(try Rows(nested, [2, 1]) == Rows(flat, [2, 1]) && nested.fingerprint == flat.fingerprint)
    let numbers = try InMemoryDataset(features: [[0], [1], [2]], targets: [[0, 1], [1, 1], [0, 0]])
    #expect(numbers.fingerprint != nested.fingerprint)
  }

  @Test func contentsShowInTheFingerprint() throws {
    let sets = try [
      InMemoryDataset(features: [[0, 1], [2, 3]], labels: [0, 1], classes: 2),
      InMemoryDataset(features: [[0, 1], [2, 3.5]], labels: [0, 1], classes: 2),
      InMemoryDataset(features: [[0, 1], [2, 3]], labels: [1, 1], classes: 2),
      InMemoryDataset(features: [[0, 1], [2, 3]], labels: [0, 1], classes: 3),
      InMemoryDataset(features: [[0, 1], [2, 3]], targets: [[0], [1]]),
      InMemoryDataset(features: [[0], [1], [2], [3]], labels: [0, 1, 0, 1], classes: 2),
    ]
    #expect(Set(sets.map(\.fingerprint)).count == sets.count)
  }

  @Test func whatIsWrongIsNamed() {
    func expect(_ words: String, _ make: () throws -> InMemoryDataset) {
      let error = #expect(throws: DatasetError.self) { try make() }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    expect("found no sample") { try InMemoryDataset(features: [], labels: [], classes: 2) }
    expect("found no sample") { try InMemoryDataset(values: [], features: 4, targets: []) }
    expect("found no sample") { try InMemoryDataset(values: [1], features: 1, labels: [], classes: 2) }
    expect("without a value") { try InMemoryDataset(features: [[], []], labels: [0, 1], classes: 2) }
    expect("features of sample 1: found 1 values, expected 2") {
      try InMemoryDataset(features: [[1, 2], [3]], labels: [0, 1], classes: 2)
    }
    expect("targets: found 1 values, expected 2 samples × 1") {
      try InMemoryDataset(features: [[1, 2], [3, 4]], labels: [0], classes: 2)
    }
    expect("targets: found 6 values, expected 2 samples × 2") {
      try InMemoryDataset(features: [[1], [3]], targets: [[1, 2], [3, 4], [5, 6]])
    }
    expect("label of sample 1: found 2, expected 0 ..< 2") {
      try InMemoryDataset(features: [[1], [3]], labels: [0, 2], classes: 2)
    }
    expect("label 1 of sample 2: found 2, expected 1 where the sample has it, else 0") {
      try InMemoryDataset(features: [[1], [3], [5]], labels: [[0, 1], [1, 1], [0, 2]])
    }
    expect("label 0 of sample 1: found -1") {
      try InMemoryDataset(values: [1, 3], features: 1, labels: [0, -1], labelColumns: 1)
    }
    expect("labels of sample 1: found 1 values, expected 2 as in sample 0") {
      try InMemoryDataset(features: [[1], [3]], labels: [[0, 1], [1]])
    }
    expect("labels: found samples without a value") { try InMemoryDataset(features: [[1]], labels: [[]]) }
    expect("labels: found 0 columns") {
      try InMemoryDataset(values: [1], features: 1, labels: [1], labelColumns: 0)
    }
    expect("labels: found 3 values, expected a multiple of the 2 columns") {
      try InMemoryDataset(values: [1, 2], features: 1, labels: [1, 0, 1], labelColumns: 2)
    }
    expect("label of sample 0: found -1") { try InMemoryDataset(features: [[1]], labels: [-1], classes: 2) }
    expect("classes: found 1") { try InMemoryDataset(features: [[1]], labels: [0], classes: 1) }
    expect("features of sample 1, column 0: found nan") {
      try InMemoryDataset(features: [[1], [.nan]], labels: [0, 1], classes: 2)
    }
    expect("targets of sample 0, column 1: found inf") {
      try InMemoryDataset(features: [[1]], targets: [[0, .infinity]])
    }
    expect("features: found 5 values, expected 2 samples × 3") {
      try InMemoryDataset(values: [1, 2, 3, 4, 5], features: 3, labels: [0, 1], classes: 2)
    }
    expect("columns") { try InMemoryDataset(values: [], features: 0, labels: [0], classes: 2) }
    expect("columns") { try InMemoryDataset(values: [1], features: 1, targets: [1], targetColumns: 0) }
    expect("a multiple of the 2 columns") {
      try InMemoryDataset(values: [1, 2], features: 1, targets: [1, 2, 3], targetColumns: 2)
    }
    expect("features") { try InMemoryDataset(values: [1], features: .max, labels: [0, 0], classes: 2) }
  }
}
