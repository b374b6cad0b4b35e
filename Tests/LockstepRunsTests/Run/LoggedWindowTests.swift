import LockstepModel
import RunSupport
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns
@testable import LockstepTraining

/// A line of the log tells of all steps since the line before: means over their samples, the largest norm of their
/// gradients, the last learning rate.
@Suite struct LoggedWindowTests {
  /// Epochs of 32, 32, 32, 32 and 17 rows, a line every three steps, and one at the end; stopped and gone on with or
  /// not, it is the same.
  @Test(arguments: [nil, 7, 8, 9]) func lines(stop: Int?) throws {
    let configuration = try tinyRun(
      "data.train.synthetic.samples=145", "training.gradient_clip={global_norm: 1000}",
      "schedule={exponential: {rate: 0.5, every: 4}}")
    try withTemporaryFolder { folder in
      var results: [StepResult] = []
      func train(_ run: TrainingRun) throws -> [JSONObject] {
        _ = try run.train { event in
          if case .step(let result, _) = event { results.append(result) }
        }
        return try run.lines.filter { $0["event"] == "train" }
      }
      if let stop { _ = try train(try TrainingRun.start(configuration, output: folder, upTo: stop)) }
      let lines = try train(
        stop == nil ? TrainingRun.start(configuration, output: folder) : TrainingRun.resume(folder))
      #expect(results.map(\.step) == Array(1...20) && results[4].rows == 17)
      #expect(lines.map { $0["step"]?.integer } == [3, 6, 9, 12, 15, 18, 20])
      var fallsWithin = false
      for (index, line) in lines.enumerated() {
        let window = results[(3 * index)..<min(3 * index + 3, 20)]
        let norms = window.compactMap(\.gradientNorm)
        #expect(norms.count == window.count)
        #expect(line["gradient_norm"]?.number == norms.max(), "line \(index)")
        fallsWithin = fallsWithin || norms.max() != norms.last
        let rows = window.reduce(0.0) { $0 + Double($1.rows) }
        let loss = window.reduce(0.0) { $0 + $1.loss * Double($1.rows) } / rows
        expectClose(actual: line["loss"]?.number ?? .nan, expected: loss, absolute: 0, relative: 1e-12, "line \(index)")
        #expect(line["learning_rate"]?.number == window.last?.learningRate)
        #expect(line["epoch"]?.integer == ((window.last?.step ?? 0) - 1) / 5)
      }
      #expect(fallsWithin, "the largest norm of a window is not its last")
    }
  }

  /// Where every step was passed over there is nothing to tell, and it is said so.
  @Test func anEmptyWindow() {
    let values = MetricWindow().values(of: .softmaxCrossEntropy, epoch: 3, samplesPerSecond: nil)
    #expect(values["gradient_norm"] == .null && values["learning_rate"] == .null)
    #expect(values["epoch"] == 3)
  }

  @Test func theLargestNorm() {
    var window = MetricWindow()
    func add(_ norm: Double?, rate: Double) {
      window.add(
        StepResult(
          step: 1, epoch: 0, rows: 1, loss: 0, sums: LossSums(), learningRate: rate, gradientNorm: norm, layers: nil))
    }
    var found: [Double?] = []
    for (norm, rate) in [(nil, 1), (2, 2), (7, 3), (nil, 4), (3, 5)] as [(Double?, Double)] {
      add(norm, rate: rate)
      found.append(window.gradientNorm)
      #expect(window.learningRate == rate)
    }
    #expect(found == [nil, 2, 7, 7, 7] && window.steps == 5)
    #expect(MetricWindow(window.json) == window)
  }
}
