import LockstepConfiguration
import LockstepModel
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepTraining

/// What people are shown of a run: from one evaluation to the next, the means over its samples.
@Suite struct IntervalTests {
  private struct Told: Equatable {
    var step: Int
    var loss: Double?
    var validation: [String: Double]
  }

  private func train(_ run: TrainingRun, _ results: inout [StepResult]) throws -> (told: [Told], loss: Double?) {
    var told: [Told] = []
    let summary = try run.train { event in
      switch event {
      case .step(let result, _): results.append(result)
      case .interval(let one):
        told.append(
          Told(
            step: one.step, loss: one.progress.training.first?.value,
            validation: Dictionary(uniqueKeysWithValues: one.validation.map { ($0.name, $0.value) })))
      default: break
      }
    }
    return (told, summary.json["final_loss"]?.number)
  }

  /// 20 steps, evaluated every 4: 5 evaluations, so that an interval is half of what is between two. However it is
  /// stopped, the intervals are those of a run that was not, but for what a stop shows of one that has not ended.
  @Test(arguments: [nil, 3, 4, 5, 13]) func means(stop: Int?) throws {
    let configuration = try tinyRun("data.train.synthetic.samples=145")
    try withTemporaryFolder { folder in
      var results: [StepResult] = []
      var told: [Told] = []
      if let stop {
        let first = try train(try TrainingRun.start(configuration, output: folder, upTo: stop), &results)
        told = first.told
        #expect(told.last?.step == stop && first.loss == told.last?.loss)
        if stop % 2 != 0 { told.removeLast() }
      }
      let last = try train(
        stop == nil ? TrainingRun.start(configuration, output: folder) : TrainingRun.resume(folder), &results)
      told += last.told
      #expect(told.map(\.step) == Array(stride(from: 2, through: 20, by: 2)))
      for one in told {
        let window = results[(one.step - 2)..<one.step]
        let rows = window.reduce(0.0) { $0 + Double($1.rows) }
        let loss = window.reduce(0.0) { $0 + $1.loss * Double($1.rows) } / rows
        expectClose(actual: one.loss ?? .nan, expected: loss, absolute: 0, relative: 1e-12, "step \(one.step)")
        #expect(one.validation.isEmpty == (one.step % 4 != 0), "step \(one.step)")
      }
      #expect(last.loss == told.last?.loss)
    }
  }

  /// Ten at least, two hundred at most, always at evaluations, and equally long.
  @Test(arguments: [
    (391, 1173), (1, 5), (5, 250), (5, 5000), (100_000, 100_000), (7, 7), (3, 2), (1000, 999_983), (1, 1),
  ])
  func howMany(every: Int, total: Int) throws {
    var configuration = try tinyRun()
    configuration.evaluation = .init(every: .steps(every))
    configuration.training.length = .steps(total)
    let ends = (1...total).filter { configuration.isIntervalEnd($0) }
    #expect(ends.count <= 200 + 20 && ends.count >= min(10, total) - 1, "\(ends.count)")
    let lengths = zip([0] + ends, ends).map { $1 - $0 }
    #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
    if total / every < 200 {
      for step in stride(from: every, through: total, by: every) { #expect(configuration.isIntervalEnd(step)) }
    }
    if (10...200).contains(total / every) { #expect(ends == Array(stride(from: every, through: total, by: every))) }
  }

  /// The log is dense at the start unless an interval was asked for.
  @Test func whenTheLogIsDue() throws {
    func due(_ metrics: RunConfiguration.Metrics, _ total: Int) throws -> [Int] {
      var configuration = try tinyRun()
      (configuration.metrics, configuration.training.length) = (metrics, .steps(total))
      return (1...total).filter { configuration.isLogDue(at: $0) }
    }
    #expect(try due(.init(), 350) == [1, 2, 5, 10, 20, 50, 100, 200, 300, 350])
    #expect(try due(.init(every: .steps(100)), 350) == [100, 200, 300, 350])
    #expect(try due(.init(every: .steps(7), isDenseAtStart: true), 21) == [1, 2, 5, 7, 14, 21])
    #expect(try due(.init(every: .epochs(2), isDenseAtStart: true), 20) == [1, 2, 5, 10, 20])
    func metrics(_ changes: String...) throws -> RunConfiguration.Metrics {
      let yaml = """
        data: {train: {synthetic: {kind: friedman, samples: 160, features: 5}}}
        model: {layers: [{dense: 1}]}
        loss: huber
        optimizer: {sgd: {learning_rate: 0.1}}
        training: {batch_size: 32, epochs: 1}
        """
      return try RunConfiguration(yaml: yaml, overrides: changes.map { try ConfigurationOverride($0) }).metrics
    }
    #expect(try metrics() == .init() && metrics("metrics.every.steps=100") == .init(every: .steps(100)))
    #expect(try metrics("metrics.digest_every.steps=5").isDenseAtStart)
    #expect(try !metrics("metrics.dense_start=false").isDenseAtStart)
    let resolved = try tinyRun("metrics=null").resolvedYAML
    #expect(try RunConfiguration(yaml: resolved).metrics == .init() && resolved.contains("dense_start: true"))
  }
}
