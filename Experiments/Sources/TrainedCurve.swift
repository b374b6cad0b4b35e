import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

/// A network trained from its beginning to its end, with its loss on the way.
struct TrainedCurve {
  /// The mean training loss over some steps, at the last of them, and the seconds of training until then.
  var points: [(step: Int, seconds: Double, loss: Double)] = []
  /// Metrics at the end, by name; none where it diverged.
  var train: [String: Double] = [:]
  var validation: [String: Double] = [:]
  /// The median.
  var stepSeconds = 0.0
  var diverged: String?
  var digest = ""

  /// Accuracy on samples that were not trained on; that of guessing where the numbers were no more.
  func accuracy(guessing: Double) -> Double { validation["accuracy"] ?? guessing }

  /// - Parameters:
  ///   - every: steps between two points.
  ///   - evaluatesTrain: whether the training set is evaluated too.
  static func train(
    _ configuration: RunConfiguration, every: Int = 10, evaluatesTrain: Bool = false
  ) throws -> TrainedCurve {
    let setup = try RunSetup(configuration)
    let trainer = try setup.initialTrainer(for: .networks(1)).trainer
    var curve = TrainedCurve()
    var (durations, sum, total): ([Double], Double, Double) = ([], 0, 0)
    do {
      for step in 1...configuration.totalSteps {
        let start = MonotonicClock.seconds()
        sum += try trainer.step().loss
        durations.append(MonotonicClock.seconds() - start)
        total += durations[step - 1]
        if step % every == 0 {
          curve.points.append((step, total, sum / Double(every)))
          sum = 0
        }
      }
      if evaluatesTrain { curve.train = try metrics(trainer, setup.train) }
      if let validation = setup.validation { curve.validation = try metrics(trainer, validation) }
    } catch let error as TrainingError where error.isDivergence {
      curve.diverged = error.description
    }
    curve.stepSeconds = durations.isEmpty ? 0 : durations.sorted()[durations.count / 2]
    curve.digest = weightsDigest(of: trainer.tensors)
    return curve
  }

  private static func metrics(_ trainer: Trainer, _ data: any Dataset) throws -> [String: Double] {
    var values: [String: Double] = [:]
    for (name, value) in try trainer.evaluate(on: data).metrics where value.isFinite {
      values[name] = value
    }
    return values
  }

  /// Steps until the loss has come down to `loss`; nil where it has not.
  func steps(until loss: Double) -> (step: Int, seconds: Double)? {
    points.first { $0.loss <= loss }.map { ($0.step, $0.seconds) }
  }

  func series(_ name: String) -> LineChartSeries { (name, points.map { (x: Double($0.step), y: Optional($0.loss)) }) }
}

/// A line of a chart before it is one.
typealias LineChartSeries = (name: String, points: [(x: Double, y: Double?)])

/// Mean ± standard deviation of several runs, in percent or plain.
struct Figures {
  var values: [Double]

  var mean: Double { values.reduce(0, +) / Double(max(1, values.count)) }
  var deviation: Double {
    guard values.count > 1 else { return 0 }
    let centre = mean
    return (values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count - 1)).squareRoot()
  }

  var percent: String { percent(1) }

  func percent(_ decimals: Int) -> String {
    let spread = values.count > 1 ? " ± \(Format.fixed(deviation * 100, decimals))" : ""
    return "\(Format.fixed(mean * 100, decimals))\(spread) %"
  }

  var plain: String {
    "\(Format.significant(mean, 4))\(values.count > 1 ? " ± \(Format.significant(deviation, 2))" : "")"
  }
}

extension RunConfiguration {
  /// The configuration in `yaml` with `settings`, as `--set` takes them.
  init(_ yaml: String, _ settings: [String]) throws {
    try self.init(yaml: yaml, file: "experiment", overrides: settings.map { try ConfigurationOverride($0) })
  }
}
