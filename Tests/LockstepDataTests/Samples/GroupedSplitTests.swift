import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// Splits that keep groups whole.
@Suite struct GroupedSplitTests {
  @Test(arguments: testSeeds + [0, .max])
  func groupsAreOnOneSide(seed: UInt64) throws {
    for count in [2, 3, 10, 64, 101, 500] {
      for groups in divisions(count, seed: seed) where Set(groups).count >= 2 {
        let sizes = counts(groups, of: Array(0..<count))
        func check(_ sides: Sides, _ what: String) -> [Int] {
          let (held, kept) = (samples(sides.validation), samples(sides.train))
          #expect((held + kept).sorted() == Array(0..<count))
          #expect(Set(held.map { groups[$0] }).isDisjoint(with: kept.map { groups[$0] }), "\(what): \(groups)")
          #expect(!held.isEmpty && !kept.isEmpty)
          return held
        }
        for folds in [2, 3, 5, 11] where folds <= sizes.count {
          // As scikit-learn's GroupKFold: the largest first, each to the lightest fold, the first of equals.
          var expected = [Int](repeating: 0, count: folds)
          for size in sizes.values.sorted(by: >) {
            let lightest = expected.min() ?? 0
            expected[expected.firstIndex(of: lightest) ?? 0] += size
          }
          var seen: [Int] = []
          for index in 0..<folds {
            let held = check(
              try numberedSamples(count).fold(index, of: folds, seed: seed, by: .grouped(groups: groups)),
              "fold \(index) of \(folds)")
            #expect(held.count == expected[index], "fold \(index) of \(folds), seed \(seed): \(groups)")
            seen += held
          }
          #expect(seen.sorted() == Array(0..<count))
        }
        for fraction in [0.1, 0.2, 1 / 3.0, 0.5, 0.9] {
          let wanted = Int((fraction * Double(count)).rounded())
          guard wanted >= 1 && wanted < count else { continue }
          let sides = try numberedSamples(count).split(validation: fraction, seed: seed, by: .grouped(groups: groups))
          let held = check(sides, "\(fraction) of \(count)")
          let inTraining = counts(groups, of: samples(sides.train)).values
          let inValidation = counts(groups, of: held).values
          // Off by more than half a group only where there would be no group on a side else.
          #expect(
            2 * abs(held.count - wanted) <= inTraining.min() ?? 0 || inTraining.count == 1
              || inValidation.count == 1 && held.count > wanted && held.count == sizes.values.min(),
            "\(fraction) of \(count), seed \(seed): \(inValidation.sorted()) and \(inTraining.sorted())")
        }
      }
    }
  }

  /// Groups of one size are divided as samples would be.
  @Test func equalGroupsGiveTheNearestShare() throws {
    let groups = (0..<120).map { Int32($0 % 12) }
    for (fraction, expected) in [(0.1, 10), (0.12, 10), (0.13, 20), (0.5, 60), (0.01, 10), (0.99, 110)] {
      let sides = try numberedSamples(120).split(validation: fraction, seed: 5, by: .grouped(groups: groups))
      #expect(sides.validation.count == expected, "\(fraction)")
    }
  }

  /// Over many seeds every group is held out equally often.
  @Test func choiceIsRandom() throws {
    let groups = (0..<40).map { Int32($0 / 4) }
    let data = try numberedSamples(40)
    var held = [Int](repeating: 0, count: 10)
    for seed in 0..<3000 as Range<UInt64> {
      let chosen = samples(try data.split(validation: 0.3, seed: seed, by: .grouped(groups: groups)).validation)
      #expect(chosen.count == 12)
      for sample in chosen { held[sample / 4] += 1 }
    }
    #expect(chiSquare(held) < chiSquareBound(9) * 4)
    let folds = try (0..<20 as Range<UInt64>).map {
      samples(try data.fold(0, of: 5, seed: $0, by: .grouped(groups: groups)).validation)
    }
    #expect(Set(folds).count > 10, "groups of one size come in a random order")
  }

  @Test func tooFewGroupsAreNamed() throws {
    let groups = (0..<20).map { Int32($0 % 4) }
    expectDatasetError("a cross-validation of 5 folds by groups: found 4 groups, expected at least 5, one a fold") {
      try numberedSamples(20).fold(0, of: 5, seed: 1, by: .grouped(groups: groups))
    }
    #expect(try numberedSamples(20).fold(3, of: 4, seed: 1, by: .grouped(groups: groups)).validation.count == 5)
    expectDatasetError("a split by groups: found 1 group, expected at least 2, one for either side") {
      try numberedSamples(20).split(validation: 0.5, seed: 1, by: .grouped(groups: Array(repeating: 7, count: 20)))
    }
  }
}
