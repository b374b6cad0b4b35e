import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// Splits in which every class has its share.
@Suite struct StratifiedSplitTests {
  /// Folds part the samples; of no class, and altogether, has one fold two samples more than another. Their counts are
  /// those of dealing out the sorted classes.
  @Test(arguments: testSeeds + [0, .max])
  func foldsShareOutEveryClass(seed: UInt64) throws {
    for count in [2, 3, 10, 64, 101, 500] {
      for classes in divisions(count, seed: seed) {
        for folds in [2, 3, 5, 11] where folds <= count {
          // As scikit-learn's StratifiedKFold: classes are numbered as they appear, fold i has every folds-th of the
          // sorted numbers from the i-th on.
          var appearance: [Int32] = []
          for number in classes where !appearance.contains(number) { appearance.append(number) }
          let sorted = appearance.flatMap { number in classes.filter { $0 == number } }
          var seen: [Int] = []
          for index in 0..<folds {
            let (train, validation) = try numberedSamples(count)
              .fold(index, of: folds, seed: seed, by: .stratified(classes: classes))
            let held = samples(validation)
            #expect((held + samples(train)).sorted() == Array(0..<count))
            let dealt = stride(from: index, to: count, by: folds).map { sorted[$0] }
            #expect(
              counts(classes, of: held) == dealt.reduce(into: [:]) { $0[$1, default: 0] += 1 },
              "fold \(index) of \(folds), seed \(seed): \(classes)")
            for (number, size) in counts(classes, of: Array(0..<count)) {
              let part = counts(classes, of: held)[number] ?? 0
              #expect(part == size / folds || part == size / folds + 1)
            }
            seen += held
          }
          #expect(seen.sorted() == Array(0..<count))
        }
      }
    }
  }

  /// A share has the wanted number of samples; every class keeps one for training, and no other choice of counts is
  /// nearer to the shares of the whole.
  @Test(arguments: testSeeds + [0, .max])
  func shareIsAsNearAsWholeSamplesAllow(seed: UInt64) throws {
    for count in [5, 10, 64, 101, 500] {
      for classes in divisions(count, seed: seed) {
        let sizes = counts(classes, of: Array(0..<count))
        for fraction in [0.1, 0.2, 1 / 3.0, 0.5, 0.9] {
          let wanted = Int((fraction * Double(count)).rounded())
          guard wanted <= count - sizes.count else { continue }
          let (train, validation) = try numberedSamples(count)
            .split(validation: fraction, seed: seed, by: .stratified(classes: classes))
          let (held, kept) = (samples(validation), samples(train))
          #expect(held.count == wanted && (held + kept).sorted() == Array(0..<count))
          #expect(Set(kept.map { classes[$0] }).count == sizes.count, "every class is trained on")
          // The sum of squared distances from size · wanted / count is convex: where no sample less of one class and
          // more of another makes it smaller, nothing does.
          let parts = counts(classes, of: held)
          let distances = sizes.map { (size: $1, part: parts[$0] ?? 0, over: (parts[$0] ?? 0) * count - $1 * wanted) }
          let furthestOver = distances.filter { $0.part > 0 }.map(\.over).max() ?? .min
          let furthestUnder = distances.filter { $0.part + 1 < $0.size }.map(\.over).min() ?? .max
          #expect(
            furthestOver == .min || furthestUnder == .max || furthestOver - furthestUnder <= count,
            "\(fraction) of \(count), seed \(seed): \(distances)")
        }
      }
    }
  }

  /// One class of 90 samples, ten of one: those ten cannot be held back, so the large one gives all.
  @Test func classesOfOneSampleStayInTraining() throws {
    let classes = (0..<100).map { Int32($0 < 90 ? 0 : $0) }
    for seed in 0..<20 as Range<UInt64> {
      let validation = try numberedSamples(100).split(validation: 0.2, seed: seed, by: .stratified(classes: classes))
        .validation
      #expect(validation.count == 20 && samples(validation).allSatisfy { $0 < 90 })
    }
    // Classes of two give one each at most.
    let pairs = (0..<10).map { Int32($0 / 2) }
    let half = try numberedSamples(10).split(validation: 0.5, seed: 3, by: .stratified(classes: pairs))
    #expect(Set(samples(half.validation).map { pairs[$0] }).count == 5)
    expectDatasetError(
      "a split by classes: found 6 of 10 samples for validation, expected at most 5, so that each of the 5 classes keeps one for training"
    ) { try numberedSamples(10).split(validation: 0.6, seed: 3, by: .stratified(classes: pairs)) }
    // Rare classes are in as many folds as they have samples.
    let folds = try (0..<5).map {
      try numberedSamples(10).fold($0, of: 5, seed: 3, by: .stratified(classes: pairs)).validation
    }
    for pair in 0..<5 as Range<Int32> {
      #expect(folds.count { samples($0).contains { pairs[$0] == pair } } == 2)
    }
  }

  /// Over many seeds every sample of a class is held out equally often, and where classes are alike, each gives less as
  /// often as the others.
  @Test func choiceIsRandom() throws {
    let classes = (0..<60).map { Int32($0 % 3) }
    let data = try numberedSamples(60)
    var (held, choices) = ([Int](repeating: 0, count: 60), Set<[Int]>())
    for seed in 0..<2000 as Range<UInt64> {
      // 10 of three classes of 20: two give 3, one gives 4.
      let chosen = samples(
        try data.split(validation: 1 / 6.0, seed: seed, by: .stratified(classes: classes)).validation)
      for sample in chosen { held[sample] += 1 }
      choices.insert(chosen)
    }
    #expect(choices.count > 1990)
    #expect(chiSquare(held) < chiSquareBound(59))
    #expect(
      chiSquare((0..<3).map { number in (0..<60).filter { classes[$0] == number }.reduce(0) { $0 + held[$1] } }) < 1)
  }
}
