import LockstepTraining
import TestSupport
import Testing

/// By hand.
@Suite("Metrics")
struct MetricsTests {
  @Test func confusion() {
    var matrix = ConfusionMatrix(classes: 4)
    for (label, guess) in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0), (2, 2)] {
      matrix.add(true: label, predicted: guess)
    }
    #expect(matrix.rows == [[2, 1, 0, 0], [0, 1, 1, 0], [1, 0, 2, 0], [0, 0, 0, 0]])
    #expect(matrix.accuracy == 5.0 / 8)
    #expect(matrix.precision(0) == 2.0 / 3 && matrix.recall(0) == 2.0 / 3 && matrix.f1(0) == 2.0 / 3)
    #expect(matrix.precision(1) == 0.5 && matrix.recall(1) == 0.5)
    // A class that does not occur has no part in the means.
    #expect(matrix.precision(3) == 0 && matrix.support == [3, 2, 3, 0])
    expectClose(actual: [matrix.macro(matrix.recall)], expected: [(2.0 / 3 + 0.5 + 2.0 / 3) / 3])
  }

  @Test func manyClassesHaveFiguresAndNoMatrix() {
    var matrix = ConfusionMatrix(classes: 5000)
    matrix.add(true: 4999, predicted: 4999)
    #expect(matrix.rows == nil && matrix.recall(4999) == 1)
  }

  @Test func matricesAdd() {
    var (a, b, both) = (ConfusionMatrix(classes: 3), ConfusionMatrix(classes: 3), ConfusionMatrix(classes: 3))
    for (index, (label, guess)) in [(0, 0), (0, 2), (1, 1), (2, 1), (2, 2), (1, 0)].enumerated() {
      if index % 2 == 0 { a.add(true: label, predicted: guess) } else { b.add(true: label, predicted: guess) }
      both.add(true: label, predicted: guess)
    }
    #expect(a + b == both && a != both)
  }

  @Test func areaUnderTheCurve() {
    #expect(ROC.area(scores: [0.1, 0.4, 0.35, 0.8], isPositive: [false, false, true, true]) == 0.75)
    #expect(ROC.area(scores: [1, 1, 1, 1], isPositive: [false, true, false, true]) == 0.5)
    #expect(ROC.area(scores: [1, 2, 3], isPositive: [false, true, true]) == 1)
    #expect(ROC.area(scores: [3, 2, 2], isPositive: [false, true, false]) == 0.25)
    #expect(ROC.area(scores: [1, 2], isPositive: [true, true]) == nil)
    #expect(ROC.area(scores: [], isPositive: []) == nil)
    #expect(ROC.area(scores: [1, .nan, 2], isPositive: [true, false, false]) == nil)
    #expect(ROC.area(scores: [-.infinity, .infinity], isPositive: [false, true]) == 1)
  }

  /// Against the count over all pairs.
  @Test(arguments: 0..<5)
  func areaIsTheShareOfPairs(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let scores = (0..<200).map { _ in Double(generator.next() % 50) }
    let isPositive = (0..<200).map { _ in generator.next() % 3 == 0 }
    var (right, pairs) = (0.0, 0.0)
    for i in 0..<200 where isPositive[i] {
      for j in 0..<200 where !isPositive[j] {
        right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
        pairs += 1
      }
    }
    #expect(ROC.area(scores: scores, isPositive: isPositive) == right / pairs)
  }

  @Test func regression() {
    var figures = RegressionFigures()
    for (target, guess) in [(3, 2.5), (-0.5, 0), (2, 2), (7, 8)] as [(Float, Float)] {
      figures.add(true: target, predicted: guess)
    }
    // The example of scikit-learn's documentation.
    #expect(figures.meanAbsoluteError == 0.5)
    expectClose(
      actual: [figures.rootMeanSquaredError, figures.r2], expected: [(3.0 / 8).squareRoot(), 0.9486081370449679])
    var constant = RegressionFigures()
    constant.add(true: 1, predicted: 1)
    constant.add(true: 1, predicted: 1)
    #expect(constant.r2 == 1)
    constant.add(true: 1, predicted: 2)
    #expect(constant.r2 == 0)
  }
}
