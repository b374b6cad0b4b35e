import Foundation
import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepTraining

/// Areas under the curve go by the order of the logits, however large these are: probabilities in single precision
/// tie at 0 and 1.
@Suite struct RankingTests {
  private let memory = TestMemory()

  /// Logits of which the larger ones more often are of the right class.
  private func samples(
    _ generator: inout SeededGenerator, _ count: Int, columns: Int, classes: Int
  ) -> [(label: Int, logits: [Float])] {
    (0..<count).map { _ in
      let label = Int(generator.next() % UInt64(classes))
      var logits = generator.normal(columns)
      if columns == 1 { logits[0] += label == 1 ? 2 : -2 } else { logits[label] += 2 }
      return (label, logits)
    }
  }

  private func areas(_ samples: [(label: Int, logits: [Float])], classes: Int, times scale: Float) -> [Double?] {
    var figures = ClassificationFigures(classes: classes, samples: samples.count)
    for sample in samples {
      figures.add(true: sample.label, logits: memory.vector(sample.logits.map { $0 * scale }))
    }
    return figures.areas
  }

  /// Of two classes, a positive factor changes no order: a power of two no bit of it.
  @Test(arguments: testSeeds)
  func twoClassesOfAnySize(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for columns in [1, 2] {
      let samples = samples(&generator, 300, columns: columns, classes: 2)
      let expected = areas(samples, classes: 2, times: 1)
      #expect(try #require(expected[0]) < 1 && expected[0] == expected[1])
      for scale in [0x1p-20, 0x1p5, 0x1p10, 0x1p60] as [Float] {
        #expect(areas(samples, classes: 2, times: scale) == expected, "\(columns) columns, times \(scale)")
      }
      // By the definition, over all pairs.
      let scores = samples.map {
        $0.logits.count == 1 ? Double($0.logits[0]) : Double($0.logits[1]) - Double($0.logits[0])
      }
      var (right, pairs) = (0.0, 0.0)
      for i in samples.indices where samples[i].label == 1 {
        for j in samples.indices where samples[j].label == 0 {
          right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
          pairs += 1
        }
      }
      #expect(expected[0] == right / pairs)
    }
  }

  /// The logits of one class against the others: of several, by their probabilities in twice the precision, as long as
  /// these do not tie; far beyond that still in order.
  @Test(arguments: testSeeds)
  func manyClasses(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let samples = samples(&generator, 200, columns: 5, classes: 5)
    let found = areas(samples, classes: 5, times: 1)
    for index in 0..<5 {
      let scores = samples.map { sample in
        let powers = sample.logits.map { exp(Double($0)) }
        return powers[index] / powers.reduce(0, +)
      }
      let expected = try #require(ROC.area(scores: scores, isPositive: samples.map { $0.label == index }))
      expectClose(actual: [try #require(found[index])], expected: [expected], absolute: 1e-12)
    }
    // With logits so large that nearly every probability is 0 or 1, the order is that of the margin to the largest
    // other logit.
    for scale in [0x1p8, 0x1p12] as [Float] {
      let large = areas(samples, classes: 5, times: scale)
      for index in 0..<5 {
        let margins = samples.map { sample in
          Double(sample.logits[index])
            - Double(sample.logits.enumerated().filter { $0.offset != index }.map(\.element).max() ?? 0)
        }
        let expected = try #require(ROC.area(scores: margins, isPositive: samples.map { $0.label == index }))
        expectClose(actual: [try #require(large[index])], expected: [expected], absolute: 1e-3)
      }
    }
  }

  /// ln(p / (1 − p)) keeps its digits at both ends.
  @Test func logOdds() {
    func odds(_ logits: [Float]) -> [Double] {
      var found: [Double] = []
      memory.vector(logits).forEachLogOdds { found.append($1) }
      return found
    }
    expectClose(actual: odds([3, 1]), expected: [2, -2], absolute: 1e-15)
    expectClose(actual: odds([0, 0, 0, 0]), expected: [Double](repeating: -log(3.0), count: 4), absolute: 1e-15)
    expectClose(actual: odds([300, 0, -1]), expected: [300 - log(1 + exp(-1.0)), -300, -301], absolute: 1e-12)
    expectClose(actual: odds([-4e4, 4e4, 0]), expected: [-8e4, 4e4, -4e4], absolute: 1e-10)
  }
}
