import LockstepData
import TestSupport
import Testing

/// Sample i has the feature i and the target −i.
func numberedSamples(_ count: Int) throws -> any Dataset {
  try InMemoryDataset(values: (0..<count).map(Float.init), features: 1, targets: (0..<count).map { -Float($0) })
}

typealias Sides = (train: DatasetView, validation: DatasetView)

/// The samples of a view, by their numbers in the whole set.
func samples(_ view: DatasetView) -> [Int] { (0..<view.count).map { view.sample($0) } }

/// How many of `samples` have each of the numbers.
func counts(_ numbers: [Int32], of samples: [Int]) -> [Int32: Int] {
  samples.reduce(into: [:]) { $0[numbers[$1], default: 0] += 1 }
}

/// The error says what was found and what is expected.
func expectDatasetError(
  _ words: String, at place: SourceLocation = #_sourceLocation, _ make: () throws -> Any
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: place) { try make() }
  #expect(error?.description == words, sourceLocation: place)
}

/// Numbers that samples may be divided by: even and uneven, few and many, one sample each, negative ones.
func divisions(_ count: Int, seed: UInt64) -> [[Int32]] {
  var generator = SeededGenerator(seed: seed)
  func draw(_ number: (Double) -> Int32) -> [Int32] { generator.uniform(count, in: 0...1).map { number(Double($0)) } }
  return [
    draw { $0 < 0.5 ? 1 : 0 }, draw { $0 < 0.03 ? .min : .max }, draw { Int32($0 * 7) - 3 },
    draw { Int32(40 * $0 * $0 * $0) }, draw { Int32($0 * Double(count) / 2) }, (0..<count).map { Int32($0 / 2) },
    (0..<count).map { Int32($0 % 3 == 0 ? 0 : $0) }, (0..<count).map { Int32(-$0) },
  ]
}
