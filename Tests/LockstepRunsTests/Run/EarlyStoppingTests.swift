import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepFormats
@testable import LockstepRuns

/// A run that stops early stops at a step that its configuration alone decides, and is complete then.
@Suite struct EarlyStoppingTests {
  /// An evaluation every other of 30 steps; under these rules some stop at once, some late, one never.
  private static let rules = [
    "{mode: max, patience: 0}", "{mode: max, patience: 3}", "{minimum_delta: 0.4, patience: 1}",
    "{metric: mean_squared_error, minimum_delta: 0.2, patience: 2}", "{patience: 99}",
  ]

  private static func configuration(_ rule: String?, _ changes: String...) throws -> RunConfiguration {
    let yaml = try tinyRun(
      "evaluation.every.steps=2", "training.steps=30", "training.early_stopping=\(rule ?? "null")"
    ).resolvedYAML
    return try RunConfiguration(yaml: yaml, overrides: changes.map { try ConfigurationOverride($0) })
  }

  /// Where the rule ends a run of these evaluations, and where it was best: worked out here.
  private func expectedEnd(_ rule: EarlyStopping, _ lines: [JSONObject]) -> (step: Int, best: Int)? {
    var best: (step: Int, value: Double)?
    var waited = 0
    for line in lines where line["event"] == "validation" {
      guard let step = line["step"]?.integer, let value = line[rule.metric.rawValue]?.number else { continue }
      let gain = best.map { rule.mode == .min ? $0.value - value : value - $0.value } ?? .infinity
      if gain > rule.minimumDelta { (best, waited) = ((step, value), 0) } else { waited += 1 }
      if waited > rule.patience { return best.map { (step, $0.step) } }
    }
    return nil
  }

  private func train(_ configuration: RunConfiguration, upTo steps: Int? = nil) throws -> (RunSummary, [JSONObject]) {
    try withTemporaryFolder { folder in
      let run = try TrainingRun.start(configuration, output: folder, upTo: steps)
      return (try run.train(), try run.lines)
    }
  }

  @Test func stopsWhereTheRuleSays() throws {
    let (full, lines) = try train(Self.configuration(nil))
    #expect(full.end == .finished && full.json["stopped_early"] == .null)
    var ends: [Int?] = []
    for text in Self.rules {
      let configuration = try Self.configuration(text)
      let rule = try #require(configuration.training.earlyStopping)
      let (summary, found) = try train(configuration)
      let end = expectedEnd(rule, lines)
      ends.append(end?.step)
      guard let end else {
        #expect(summary.end == .finished && summary.digest == full.digest && found == lines, "\(text)")
        continue
      }
      #expect(summary.end == .stoppedEarly && summary.json["status"] == "stopped_early", "\(text)")
      #expect(
        summary.json["steps"]?.integer == end.step
          && summary.json["stopped_early"]?.object?["best_step"]?.integer == end.best)
      // Until then it is the run without the rule.
      let (paused, before) = try train(Self.configuration(nil), upTo: end.step)
      #expect(summary.digest == paused.digest && Array(found.dropLast()) == before, "\(text)")
      #expect(found.last?["event"] == "stopped_early" && found.last?["best_step"]?.integer == end.best)
      #expect(found.last?["message"]?.string?.contains("at step \(end.best)") == true)
    }
    #expect(ends[0] == 4 && ends[1] == 10 && ends[4] == nil && Set(ends).count >= 4, "\(ends)")
  }

  /// Stopped after every step, each stretch on other threads; stopped anywhere; asked to stop in any evaluation, and
  /// killed after that was made up for.
  @Test func stoppedAndKilled() throws {
    let configuration = try Self.configuration(Self.rules[1], "checkpoint.keep_best={metric: loss}")
    let (expected, lines) = try train(configuration)
    func expectSame(_ folder: String, _ what: String) throws {
      let run = try TrainingRun.resume(folder)
      let summary = try run.train()
      #expect(summary.end == .stoppedEarly && summary.digest == expected.digest, "\(what)")
      #expect(try run.lines == lines, "\(what)")
      for key in ["steps", "validation", "stopped_early", "final_loss"] {
        #expect(summary.json[key] == expected.json[key], "\(what): \(key)")
      }
    }
    try withTemporaryFolder { folder in
      for step in 1...9 {
        var next = configuration
        next.training.threads = .count(step % 4 + 1)
        _ = try TrainingRun.resumeOrStart(next, output: folder, upTo: step).train()
      }
      try expectSame(folder, "stopped after every step")
    }
    for step in 1...10 {
      try withTemporaryFolder { folder in
        let killed = "\(folder)-killed"
        defer { try? FileManager.default.removeItem(atPath: killed) }
        let (request, told) = (StopRequest(), Events())
        told.then = { event in
          if case .step(let result, _) = event, result.step == step { request.request(signal: 15) }
        }
        _ = try TrainingRun.start(configuration, output: folder).train(stop: request, observe: told.observe)
        let later = Events()
        later.then = { event in
          switch event {
          case .evaluated(let at, _) where at < 10, .stoppedEarly(let at, _):
            if at == step || at == step + 1 { try copyRun(folder, to: killed) }
          default: break
          }
        }
        var resumed = configuration
        resumed.training.threads = .count(step % 3 + 1)
        _ = try TrainingRun.resumeOrStart(resumed, output: folder).train(observe: later.observe)
        try expectSame(folder, "asked to stop at \(step)")
        try expectSame(killed, "killed after \(step)")
      }
    }
  }

  @Test func itIsComplete() throws {
    try withTemporaryFolder { folder in
      let summary = try TrainingRun.start(Self.configuration(Self.rules[1]), output: folder).train()
      let before = try contents(of: folder)
      let events = Events()
      #expect(try TrainingRun.resume(folder).train(observe: events.observe) == summary)
      guard case .resumed(10, _, _, isDone: true)? = events.all.first, events.all.count == 1 else {
        Issue.record("\(events.all)")
        return
      }
      #expect(try contents(of: folder) == before)
      #expect(try RunRecord(folder).state.word == "stopped_early")
    }
  }

  /// More patience, or none needed: the run goes on to the bits of one that was configured so from the start.
  @Test(arguments: [
    "training.early_stopping.patience=6", "training.early_stopping=null", "training.early_stopping.patience=99",
  ])
  func goesOnWithMorePatience(change: String) throws {
    let (expected, lines) = try train(Self.configuration(Self.rules[1], change))
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(Self.configuration(Self.rules[1]), output: folder).train()
      let run = try TrainingRun.resume(folder, overrides: [ConfigurationOverride(change)])
      let summary = try run.train()
      #expect(summary.end == expected.end && summary.digest == expected.digest)
      // Nothing says any more that it had ended before.
      #expect(try run.lines == lines)
      #expect(try #require(summary.json["steps"]?.integer) > 10)
    }
  }

  /// A longer run would have stopped at the same step.
  @Test func madeLongerItStaysComplete() throws {
    try withTemporaryFolder { folder in
      let first = try TrainingRun.start(Self.configuration(Self.rules[1]), output: folder).train()
      let longer = try TrainingRun.resume(folder, overrides: [ConfigurationOverride("training.steps=60")]).train()
      #expect(longer == first)
    }
  }

  /// What would have ended the run elsewhere is another run.
  @Test(
    arguments: [
      ("training.early_stopping.minimum_delta=1", "training.early_stopping.minimum_delta"),
      ("training.early_stopping.mode=min", "training.early_stopping.mode"),
      ("training.early_stopping.metric=mean_squared_error", "training.early_stopping.metric"),
      ("evaluation.every.steps=4", "evaluation.every.steps"),
      ("data.validation.synthetic.samples=71", "data.validation.synthetic.samples"),
    ])
  func othersAreRefused(change: String, key: String) throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(Self.configuration(Self.rules[1]), output: folder, upTo: 5).train()
      let error = try #require(throws: RunError.self) {
        try TrainingRun.resume(folder, overrides: [ConfigurationOverride(change)])
      }
      #expect("\(error)".contains("the run was configured with \(key)"), "\(error)")
    }
  }

  /// A rule that comes later has not seen what came before.
  @Test func aNewRuleIsRefused() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(Self.configuration(nil), output: folder, upTo: 5).train()
      let error = try #require(throws: RunError.self) {
        try TrainingRun.resume(folder, overrides: [ConfigurationOverride("training.early_stopping={patience: 3}")])
      }
      #expect("\(error)".contains("training.early_stopping: none"), "\(error)")
    }
  }

  @Test func defaultsFollowTheMetric() throws {
    #expect(try tinyRun("training.early_stopping={}").training.earlyStopping == EarlyStopping())
    let rule = EarlyStopping(metric: .accuracy)
    #expect(rule.mode == .max && rule.patience == 5 && rule.minimumDelta == 0 && EarlyStopping().mode == .min)
    #expect(!rule.isImprovement(.nan, on: nil) && !rule.isImprovement(.infinity, on: 1) && rule.isImprovement(2, on: 1))
  }

  @Test(
    arguments: [
      ("training.early_stopping={metric: accuracy}", "training.early_stopping.metric", "one of loss"),
      ("training.early_stopping={mode: least}", "training.early_stopping.mode", "one of min, max"),
      ("training.early_stopping={patience: -1}", "training.early_stopping.patience", "an integer from 0"),
      ("training.early_stopping={min_delta: 1}", "training.early_stopping.min_delta", "an unknown key"),
      ("training.early_stopping={minimum_delta: -1}", "training.early_stopping.minimum_delta", "at least 0"),
    ])
  func badInput(override: String, path: String, expected: String) throws {
    let error = try #require(throws: ConfigurationErrors.self) { try tinyRun(override) }
    #expect("\(error)".contains(path) && "\(error)".contains(expected), "\(error)")
  }

  @Test func needsEvaluations() throws {
    let none = try #require(throws: ConfigurationErrors.self) {
      try tinyRun("training.early_stopping={}", "data.validation=null", "evaluation=null")
    }
    #expect("\(none)".contains("training.early_stopping: found no data.validation"), "\(none)")
    let late = try #require(throws: ConfigurationErrors.self) {
      try tinyRun("training.early_stopping={}", "evaluation.every.steps=21")
    }
    #expect("\(late)".contains("a first evaluation at step 21 in a run of 20 steps"), "\(late)")
  }

  /// A count that no run reaches, or a step that has not been.
  @Test(arguments: ["{\"waited\": 9, \"best\": null}", "{\"waited\": 1, \"best\": {\"step\": 9, \"value\": 1.0}}"])
  func hostileState(text: String) throws {
    var state = RunState()
    state.trainer.step = 8
    var json = state.json
    #expect(RunState(JSONValue.object(json).text) != nil)
    json["early_stopping"] = try JSONValue(parsing: text)
    #expect(RunState(JSONValue.object(json).text) == nil)
  }
}
