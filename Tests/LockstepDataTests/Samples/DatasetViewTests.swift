import LockstepData
import LockstepKernels
import LockstepModel
import SampleSupport
import TestSupport
import Testing

/// Sides of a split: every sample once, in an order that nobody else knows.
@Suite struct DatasetViewTests {
  /// Over many sizes, numbers of folds and seeds: the folds part the samples, each training side is the rest, sizes
  /// differ by one at most.
  @Test(arguments: testSeeds + [0, .max])
  func foldsPartTheSamples(seed: UInt64) throws {
    for count in [2, 3, 7, 64, 65, 100, 1023, 1025, 2000] {
      let data = try numberedSamples(count)
      for folds in [2, 3, 5, 10, count] where folds <= count && folds <= 100 {
        var seen: [Int] = []
        for index in 0..<folds {
          let (train, validation) = try data.fold(index, of: folds, seed: seed)
          let (inside, outside) = (samples(validation), samples(train))
          #expect(inside.count == count / folds || inside.count == count / folds + 1)
          #expect((inside + outside).sorted() == Array(0..<count), "fold \(index) of \(folds), \(count) samples")
          seen += inside
        }
        #expect(seen.sorted() == Array(0..<count), "\(folds) folds of \(count) samples, seed \(seed)")
      }
      for fraction in [0.1, 0.25, 0.5, 0.9] where count >= 10 {
        let (train, validation) = try data.split(validation: fraction, seed: seed)
        #expect(validation.count == Int((fraction * Double(count)).rounded()))
        #expect((samples(train) + samples(validation)).sorted() == Array(0..<count))
      }
    }
  }

  /// A fold is a random choice: over many seeds every sample is held out equally often, and each seed holds out others.
  @Test func choiceIsRandom() throws {
    let (count, seeds) = (50, 2000)
    let data = try numberedSamples(count)
    var held = [Int](repeating: 0, count: count)
    var choices: Set<[Int]> = []
    for seed in 0..<seeds {
      let validation = samples(try data.fold(seed % 5, of: 5, seed: UInt64(seed)).validation)
      for sample in validation { held[sample] += 1 }
      choices.insert(validation.sorted())
    }
    #expect(choices.count == seeds)
    // Without replacement the counts vary less than independent ones: the bound is on the safe side.
    #expect(chiSquare(held) < chiSquareBound(count - 1))
    // The order of training is drawn for another purpose.
    let order = EpochOrder(count: count, seed: 1, epoch: 0)
    let split = samples(try data.split(validation: 0.5, seed: 1).validation)
    #expect(split != (0..<25).map { order.sample(at: $0) })
  }

  /// Rows are those of the whole set, in any number and order, in groups or not.
  @Test func rowsAreThoseOfTheWhole() throws {
    let count = 300
    for view in [
      try numberedSamples(count).fold(1, of: 3, seed: 9).train,
      try numberedSamples(count).split(validation: 0.7, seed: 4).1,
    ] {
      var generator = SeededGenerator(seed: 3)
      for size in [0, 1, 63, 64, 65, 128, 199] {
        let indices = (0..<size).map { _ in Int.random(in: 0..<view.count, using: &generator) }
        let rows = try Rows(view, indices)
        #expect(rows.features.map { Int($0[0]) } == indices.map { view.sample($0) })
        #expect(rows.targets.map { Int(-$0[0]) } == indices.map { view.sample($0) })
      }
      #expect(throws: DatasetError("row 1 of a batch: found sample \(view.count), expected 0 ..< \(view.count)")) {
        try Rows(view, [0, view.count])
      }
    }
  }

  /// A view of a view, as a hold-out set beside a cross-validation needs it.
  @Test func viewsOfViews() throws {
    let (rest, test) = try numberedSamples(101).split(validation: 0.2, seed: 1)
    let (train, validation) = try rest.fold(0, of: 4, seed: 1)
    func numbers(_ view: DatasetView) throws -> [Int] {
      try Rows(view, Array(0..<view.count)).features.map { Int($0[0]) }
    }
    #expect(try (numbers(train) + numbers(validation) + numbers(test)).sorted() == Array(0..<101))
  }

  @Test func fingerprintsTellSplitsApart() throws {
    let (a, b) = (try numberedSamples(60), try numberedSamples(61))
    let pairs = try [
      a.fold(0, of: 5, seed: 1), a.fold(1, of: 5, seed: 1), a.fold(0, of: 6, seed: 1), a.fold(0, of: 5, seed: 2),
      b.fold(0, of: 5, seed: 1), a.split(validation: 0.2, seed: 1), a.split(validation: 0.3, seed: 1),
      a.split(validation: 0.2, seed: 2),
    ]
    let fingerprints = pairs.flatMap { [$0.train.fingerprint, $0.validation.fingerprint] }
    #expect(Set(fingerprints).count == fingerprints.count)
    #expect(fingerprints[0] == "\(a.fingerprint) fold: 0 of 5 split_seed: 1 train")
    #expect(try a.fold(0, of: 5, seed: 1).train.fingerprint == fingerprints[0])
  }

  @Test func whatIsWrongIsNamed() throws {
    let data = try numberedSamples(10)
    func expect(_ words: String, _ make: () throws -> Any) {
      let error = #expect(throws: DatasetError.self) { try make() }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    expect("found 1 folds, expected at least 2") { try data.fold(0, of: 1, seed: 1) }
    expect("found -3 folds") { try data.fold(0, of: -3, seed: 1) }
    expect("found 11 folds of 10 samples, expected at most one a sample") { try data.fold(0, of: 11, seed: 1) }
    expect("found fold 5, expected 0 … 4") { try data.fold(5, of: 5, seed: 1) }
    expect("found fold -1, expected 0 … 4") { try data.fold(-1, of: 5, seed: 1) }
    for fraction in [0, 1, -0.5, 1.5, .nan, .infinity] {
      expect("expected a number between 0 and 1") { try data.split(validation: fraction, seed: 1) }
    }
    expect("leaves none for validation") { try data.split(validation: 0.04, seed: 1) }
    expect("leaves none for training") { try data.split(validation: 0.96, seed: 1) }
  }
}
