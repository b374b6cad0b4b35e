import LockstepKernels
import LockstepModel
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepTraining

/// What metrics there are, which way each is better, and that an evaluation has them all.
@Suite struct MetricTests {
  /// What is equal, or no number, is not better.
  @Test func betterIsAStrictOrder() {
    for (mode, sign) in [(Metric.Mode.min, 1.0), (.max, -1)] {
      for (value, other, isBetter) in [(1.0, 2.0, true), (2, 1, false), (1, 1, false), (-0.0, 0, false)] {
        #expect(mode.isBetter(sign * value, than: sign * other) == isBetter, "\(mode): \(value), \(other)")
      }
      #expect(!mode.isBetter(.nan, than: 1) && !mode.isBetter(1, than: .nan) && !mode.isBetter(.nan, than: .nan))
    }
  }

  /// No two are called alike, no name of a configuration's reaches people, and a column's is the shorter one.
  @Test func namesForPeople() {
    for names in [Metric.allCases.map(\.words), Metric.allCases.map(\.abbreviation)] {
      #expect(Set(names).count == names.count && !names.contains { $0.contains("_") })
    }
    for metric in Metric.allCases { #expect(metric.abbreviation.count <= min(9, metric.words.count)) }
    #expect(Metric.rootMeanSquaredError.words == "root mean squared error" && Metric.rocAUC.words == "ROC AUC")
    #expect(Metric.rootMeanSquaredError.abbreviation == "RMSE" && Metric.top5Accuracy.abbreviation == "top-5")
  }

  /// A better prediction moves each the way that is called better.
  @Test func betterPredictionsAreBetter() throws {
    let memory = TestMemory()
    func metrics(_ data: any Dataset, _ loss: Loss, _ outputs: [Float]) -> [Metric: Double] {
      let columns = outputs.count / data.count
      let output = memory.matrix(outputs, rows: data.count, columns: columns)
      let target = memory.matrix(
        [Float](repeating: 0, count: data.count * data.task.targetColumns), rows: data.count,
        columns: data.task.targetColumns)
      let input = memory.matrix(
        [Float](repeating: 0, count: data.count * data.features), rows: data.count, columns: data.features)
      let indices = Array(0..<data.count)
      try? data.fill(indices.span, features: input, targets: target)
      var figures = EvaluationFigures(of: data)
      figures.add(output, target)
      let sums = loss.evaluate(output: output, targets: target, batchRows: data.count, gradient: nil)
      var found: [Metric: Double] = [:]
      for (name, value) in loss.metrics(sums) { found[Metric(rawValue: name)!] = value }
      for (metric, value) in figures.metrics { found[metric] = value }
      let expected = loss.summedMetrics + EvaluationFigures.metrics(of: data.task)
      #expect(Set(found.keys) == Set(expected), "\(data.task)")
      return found
    }
    var seen: Set<Metric> = []
    let cases: [(LearningTask, Loss, Int)] = [
      (.classification(classes: 7), .softmaxCrossEntropy, 7), (.classification(classes: 2), .binaryCrossEntropy, 1),
      (.labels(3), .binaryCrossEntropy, 3), (.regression(targets: 2), .meanSquaredError, 2),
    ]
    for (task, loss, columns) in cases {
      let data = TestData(samples: 60, features: 1, task: task)
      // Far from the targets, and nearly at them.
      let targets = (0..<data.count).map { data.target(of: $0) }
      func outputs(_ quality: Float) -> [Float] {
        var generator = SeededGenerator(seed: 5)
        return targets.flatMap { row -> [Float] in
          let noise = generator.normal(columns)
          return (0..<columns).map { column in
            let truth: Float =
              switch task {
              case .classification: columns == 1 ? row[0] * 2 - 1 : Int(row[0]) == column ? 1 : 0
              case .labels: row[column] * 2 - 1
              case .regression: row[column]
              }
            return quality * truth + noise[column] * (1.2 - quality)
          }
        }
      }
      let (bad, good) = (metrics(data, loss, outputs(0.3)), metrics(data, loss, outputs(1)))
      for (metric, value) in good {
        seen.insert(metric)
        #expect(metric.mode.isBetter(value, than: try #require(bad[metric])), "\(metric) of \(task)")
      }
    }
    #expect(seen == Set(Metric.allCases))
  }
}
