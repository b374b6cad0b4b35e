import LockstepKernels
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// What splits by any rule have in common, and those that keep the order.
@Suite struct SplitRuleTests {
  private static func rules(_ count: Int) -> [SplitRule] {
    [
      .random, .stratified(classes: (0..<count).map { Int32($0 % 3) }),
      .grouped(groups: (0..<count).map { Int32($0 % 13) }), .last,
    ]
  }

  /// The last share; folds as scikit-learn's TimeSeriesSplit documents them, for all small sizes.
  @Test func theLastSamplesAreHeldInOrder() throws {
    for count in 2...40 {
      let data = try numberedSamples(count)
      for fraction in [0.1, 0.25, 0.5, 0.9] {
        let wanted = Int((fraction * Double(count)).rounded())
        guard wanted >= 1 && wanted < count else { continue }
        let (train, validation) = try data.split(validation: fraction, seed: 1, by: .last)
        #expect(samples(train) == Array(0..<count - wanted))
        #expect(samples(validation) == Array(count - wanted..<count))
      }
      for folds in 2...9 where folds < count {
        let size = count / (folds + 1)
        for (index, start) in stride(from: count - folds * size, to: count, by: size).enumerated() {
          let (train, validation) = try data.fold(index, of: folds, seed: 1, by: .last)
          #expect(samples(train) == Array(0..<start) && samples(validation) == Array(start..<start + size))
        }
      }
    }
    let six = try numberedSamples(6)
    let folds = try (0..<5).map { try six.fold($0, of: 5, seed: 1, by: .last) }
    #expect(folds.map { samples($0.train).count } == [1, 2, 3, 4, 5])
    #expect(folds.map { samples($0.validation) } == [[1], [2], [3], [4], [5]])
    expectDatasetError(
      "a cross-validation of 6 folds in order: found 6 samples, expected at least 7, so that the first fold has one to train on"
    ) { try six.fold(0, of: 6, seed: 1, by: .last) }
  }

  /// Rows are those of the whole set, in any number and order, in groups or not; so are weights and targets.
  @Test func rowsAreThoseOfTheWhole() throws {
    let count = 300
    let data = try numberedSamples(count).weighted(by: (0..<count).map { Float($0 + 1) })
    for rule in Self.rules(count) {
      for sides in try [data.fold(1, of: 3, seed: 9, by: rule), data.split(validation: 0.7, seed: 4, by: rule)] {
        for view in [sides.train, sides.validation] {
          var generator = SeededGenerator(seed: 3)
          for size in [0, 1, 63, 64, 65, 199] {
            let indices = (0..<size).map { _ in Int.random(in: 0..<view.count, using: &generator) }
            let rows = try Rows(view, indices)
            #expect(rows.features.map { Int($0[0]) } == indices.map { view.sample($0) })
            #expect(rows.targets.map { Int(-$0[0]) } == indices.map { view.sample($0) })
            let memory = Arena(count: max(1, size))
            try view.fillWeights(indices.span, into: memory.all[0..<size])
            #expect(memory.all[0..<size].array.map { Int($0) } == indices.map { view.sample($0) + 1 })
          }
          #expect(throws: DatasetError("row 1 of a batch: found sample \(view.count), expected 0 ..< \(view.count)")) {
            try Rows(view, [0, view.count])
          }
        }
      }
    }
  }

  /// A test set by one rule, beside folds by another.
  @Test func viewsOfViews() throws {
    for outer in Self.rules(101) {
      let (rest, test) = try numberedSamples(101).split(validation: 0.2, seed: 1, by: outer)
      for inner in Self.rules(rest.count) {
        let (train, validation) = try rest.split(validation: 0.3, seed: 1, by: inner)
        func numbers(_ view: DatasetView) throws -> [Int] {
          try Rows(view, Array(0..<view.count)).features.map { Int($0[0]) }
        }
        #expect(try (numbers(train) + numbers(validation) + numbers(test)).sorted() == Array(0..<101))
      }
    }
  }

  /// Sample numbers beyond 32 bits are kept whole.
  @Test func numbersBeyond32BitsAreKept() {
    let selection = SampleSelection.longListed([1 << 40, 3, (1 << 32) + 7])
    #expect(selection.count == 3 && (0..<3).map { selection[$0] } == [1 << 40, 3, (1 << 32) + 7])
    let run = SampleSelection.run((1 << 40)..<(1 << 40) + 2)
    #expect(run.count == 2 && run[1] == (1 << 40) + 1)
    for side in [DatasetView.Side.train, .validation] {
      let listed = SampleSelection([true, false, false, true, false], side: side)
      guard case .listed = listed else {
        Issue.record("4 bytes a sample are enough")
        continue
      }
      #expect((0..<listed.count).map { listed[$0] } == (side == .validation ? [0, 3] : [1, 2, 4]))
    }
  }

  /// Another rule, share, fold, class, group or seed is another split; nothing else is.
  @Test func fingerprintsTellSplitsApart() throws {
    let data = try numberedSamples(60)
    var all: [String] = []
    for rule in Self.rules(60) + [
      .stratified(classes: (0..<60).map { Int32($0 % 2) }), .grouped(groups: (0..<60).map { Int32($0 % 11) }),
    ] {
      for seed in [1, 2] as [UInt64] where rule != .last || seed == 1 {
        for sides in try [
          data.fold(0, of: 5, seed: seed, by: rule), data.fold(1, of: 5, seed: seed, by: rule),
          data.fold(0, of: 6, seed: seed, by: rule), data.split(validation: 0.2, seed: seed, by: rule),
          data.split(validation: 0.3, seed: seed, by: rule),
        ] {
          all += [sides.train.fingerprint, sides.validation.fingerprint]
        }
      }
    }
    #expect(Set(all).count == all.count && all.count == 110)
    let last = try data.split(validation: 0.2, seed: 1, by: .last).train.fingerprint
    #expect(last == "\(data.fingerprint) validation: 0.2 order: last train")
    #expect(try data.split(validation: 0.2, seed: 2, by: .last).train.fingerprint == last, "no seed, no difference")
    let zeros = SplitRule.stratified(classes: Array(repeating: 0, count: 60))
    let stratified = try data.fold(2, of: 5, seed: 8, by: zeros).validation.fingerprint
    // FNV-1a of 60 zeros: the offset basis times the prime to the 60th.
    let hash = (0..<60).reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, _ in hash &* 0x0000_0100_0000_01B3 }
    #expect(
      stratified
        == "\(data.fingerprint) fold: 2 of 5 stratified: \(String(hash, radix: 16)) split_seed: 8 validation")
  }

  @Test func whatIsWrongIsNamed() throws {
    let data = try numberedSamples(10)
    for rule in [SplitRule.stratified(classes: Array(repeating: 1, count: 9)), .grouped(groups: Array(0..<11))] {
      let words = if case .grouped = rule { "groups: found 11" } else { "classes: found 9" }
      expectDatasetError("\(words), expected 10, one a sample") { try data.fold(0, of: 2, seed: 1, by: rule) }
      expectDatasetError("\(words), expected 10, one a sample") { try data.split(validation: 0.5, seed: 1, by: rule) }
    }
    for rule in Self.rules(10) {
      expectDatasetError("a cross-validation: found 11 folds of 10 samples, expected at most one a sample") {
        try data.fold(0, of: 11, seed: 1, by: rule)
      }
      expectDatasetError("a cross-validation of 5 folds: found fold 5, expected 0 … 4") {
        try data.fold(5, of: 5, seed: 1, by: rule)
      }
    }
  }
}
