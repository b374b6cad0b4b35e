import Foundation
import LockstepData
import LockstepTraining
import TestSupport
import Testing

/// Folds and shares beside those that scikit-learn makes of the same classes and groups.
@Suite("Splits against scikit-learn", .enabled(if: PrivatePython.has("numpy", "sklearn"), PrivatePython.excuse))
struct ScikitLearnSplitTests {
  private struct Case: Decodable {
    /// The class and the group of each sample.
    var numbers: [Int32]
    var folds: Int
    /// Samples of each class, as they appear, in each fold; nothing where no class has as many samples as there are
    /// folds.
    var stratified: [[Int]]
    /// Samples of each fold.
    var grouped: [Int]
    /// Where the training samples end, the test samples start and end.
    var series: [[Int]]
    var held: Int
    /// Σ (held of the class · samples − samples of the class · held)², nothing for classes of one sample.
    var distance: Int?
  }

  @Test func countsAreThoseOfScikitLearn() throws {
    let script = """
      import json, warnings, numpy as np
      from sklearn.model_selection import GroupKFold, StratifiedKFold, StratifiedShuffleSplit, TimeSeriesSplit
      warnings.simplefilter("ignore")
      random, cases = np.random.default_rng(4), []
      for _ in range(60):
          n, k, folds = int(random.integers(12, 300)), int(random.integers(2, 12)), int(random.integers(2, 9))
          y = random.choice(k, n, p=random.dirichlet(np.ones(k)))
          _, first, inverse = np.unique(y, return_index=True, return_inverse=True)
          order = np.argsort(np.argsort(first))
          y = order[inverse]
          sizes, x = np.bincount(y), np.zeros((n, 1))
          counts = lambda test: np.bincount(y[test], minlength=len(sizes)).tolist()
          case = dict(numbers=y.tolist(), folds=folds, held=int(n * 0.3 + 0.5))
          case["stratified"] = [counts(t) for _, t in StratifiedKFold(folds).split(x, y)] if sizes.max() >= folds else []
          case["grouped"] = [len(t) for _, t in GroupKFold(folds).split(x, y, y)] if len(sizes) >= folds else []
          case["series"] = [[int(a[-1]) + 1, int(t[0]), int(t[-1]) + 1] for a, t in TimeSeriesSplit(folds).split(x)]
          if sizes.min() >= 2 and case["held"] >= len(sizes):
              test = next(StratifiedShuffleSplit(1, test_size=case["held"], random_state=1).split(x, y))[1]
              case["distance"] = int(((np.array(counts(test)) * n - sizes * case["held"]) ** 2).sum())
          cases.append(case)
      print(json.dumps(cases))
      """
    let outcome = try PrivatePython.run(["-c", script], in: PrivatePython.repository)
    try #require(outcome.status == 0, "\(outcome.output)")
    let cases = try JSONDecoder().decode([Case].self, from: Data(outcome.output.utf8))
    for (number, one) in cases.enumerated() {
      let count = one.numbers.count
      let classes = Int(one.numbers.max() ?? 0) + 1
      let data = try InMemoryDataset(
        values: (0..<count).map(Float.init), features: 1, targets: (0..<count).map(Float.init))
      func counts(_ view: DatasetView) -> [Int] {
        (0..<view.count).reduce(into: Array(repeating: 0, count: classes)) {
          $0[Int(one.numbers[view.sample($1)])] += 1
        }
      }
      let rule = SplitRule.stratified(classes: one.numbers)
      for (index, expected) in one.stratified.enumerated() {
        #expect(try counts(data.fold(index, of: one.folds, seed: 1, by: rule).validation) == expected, "case \(number)")
      }
      for (index, expected) in one.grouped.enumerated() {
        let validation = try data.fold(index, of: one.folds, seed: 1, by: .grouped(groups: one.numbers)).validation
        #expect(validation.count == expected, "case \(number)")
      }
      for (index, expected) in one.series.enumerated() {
        let (train, validation) = try data.fold(index, of: one.folds, seed: 1, by: .last)
        #expect([train.count, validation.sample(0), validation.sample(validation.count - 1) + 1] == expected)
      }
      if let expected = one.distance {
        let parts = try counts(data.split(validation: 0.3, seed: 1, by: rule).validation)
        let sizes = (0..<classes).map { number in one.numbers.count { $0 == Int32(number) } }
        let distance = zip(parts, sizes).reduce(0) { sum, pair in
          let distance = pair.0 * count - pair.1 * one.held
          return sum + distance * distance
        }
        #expect(parts.reduce(0, +) == one.held && distance == expected, "case \(number)")
      }
    }
    #expect(cases.count { !$0.stratified.isEmpty } > 20 && cases.count { !$0.grouped.isEmpty } > 20)
    #expect(cases.count { $0.distance != nil } > 20)
  }
}
