import Foundation
import TestSupport
import Testing

/// SIGINT, SIGTERM, SIGUSR1 and SIGHUP finish the step, save, and end with 128 + their number; what goes on from there
/// is the run that was never stopped.
@Suite("Promises: signals")
struct SignalTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGUSR1, SIGHUP])
  func stopsAfterSaving(signal: Int32) throws {
    let place = try Place(Configurations.long)
    let running = try Tool.Running(
      ["train", "config.yaml", "--output", "run", "--verbose", "--json"], in: place.folder)
    running.wait { running.errors.contains("step 30  saved") }
    running.send(signal)
    let outcome = running.outcome()
    #expect(outcome.status == 128 + signal, "\(outcome)")
    #expect(outcome.errors.contains("stopping: the step is finished and saved first"))
    let summary = outcome.json
    let step = summary["steps"] as? Int ?? 0
    #expect(summary["status"] as? String == "stopped")
    #expect(step >= 30 && step < 4000)
    #expect(try place.checkpoints("run").last?.hasSuffix("\(step).safetensors.zst") == true)
    // To a step a little further on, beside a run that was left alone.
    let end = "\(step + 10)"
    let resumed = try place.succeed("resume", "run", "--threads", "3", "--steps", end, "--quiet", "--json")
    let whole = try place.succeed("train", "config.yaml", "--output", "whole", "--steps", end, "--quiet", "--json")
    #expect(resumed.json["weights_digest"] as? String == whole.json["weights_digest"] as? String)
    #expect(resumed.json["weights_digest"] as? String != summary["weights_digest"] as? String)
  }

  /// A time limit saves, ends with 75, and what goes on from there is the run that had none.
  @Test func timeLimit() throws {
    let place = try Place(Configurations.long)
    let outcome = try place.lockstep("train", "config.yaml", "--output", "run", "--max-time", "1s", "--quiet", "--json")
    #expect(outcome.status == 75, "\(outcome)")
    let summary = outcome.json
    let step = summary["steps"] as? Int ?? 0
    #expect(summary["status"] as? String == "time_limit" && step < 4000)
    #expect(summary["seconds"] as? Double ?? 9 < 1)
    #expect(try place.checkpoints("run").last?.hasSuffix("\(step).safetensors.zst") == true)
    let end = "\(step + 10)"
    let resumed = try place.succeed("resume", "run", "--steps", end, "--max-time", "1h", "--quiet", "--json")
    let whole = try place.succeed("train", "config.yaml", "--output", "whole", "--steps", end, "--quiet", "--json")
    #expect(resumed.json["weights_digest"] as? String == whole.json["weights_digest"] as? String)
  }

  /// Two signals that come within one step: the first would wait for it, the second does not.
  @Test(arguments: [[], ["--quiet"]]) func aSecondSignalEndsAtOnce(further: [String]) throws {
    // Far more steps than it makes before the signals come, however late a busy machine sends them.
    let place = try Place(Configurations.long.replacing("steps: 4000", with: "steps: 1000000"))
    let running = try Tool.Running(["train", "config.yaml", "--output", "run"] + further, in: place.folder)
    running.wait { hasSaved(place) }
    for signal in [SIGSTOP, SIGINT, SIGTERM, SIGCONT] { running.send(signal) }
    let outcome = running.outcome()
    #expect([130, 143].contains(outcome.status), "\(outcome)")
    #expect(outcome.output == "")
    // It did not come to an end of its own: no summary, and what it has saved is on the schedule.
    #expect(!FileManager.default.fileExists(atPath: place.path("run/summary.json")))
    let steps = try place.checkpoints("run").map { Int($0.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0 }
    #expect(steps.allSatisfy { $0 % 6 == 0 && $0 > 0 }, "\(steps)")
    let next = try #require(steps.max()) + 10
    try place.succeed("resume", "run", "--steps", "\(next)", "--quiet")
  }

  /// An evaluation that is interrupted is done when the run goes on, and the plateau hears of it once.
  @Test func anEvaluationIsInterruptedAndDoneAgain() throws {
    let plateau = "{reduce_on_plateau: {patience: 1, threshold: 0.2}}"
    let place = try Place(
      Configurations.full.replacing("{cosine: {warmup_steps: 4}}", with: plateau)
        .replacing("samples: 90", with: "samples: 20000").replacing(
          "evaluation: {every: {epochs: 1}}", with: "evaluation: {every: {steps: 1}}"
        )
        .replacing("epochs: 3", with: "steps: 6"))
    let running = try Tool.Running(["train", "config.yaml", "--output", "run"], in: place.folder)
    running.wait {
      let log = (try? place.read("run/metrics.jsonl")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return log.contains(#""event":"validation","step":2"#)
    }
    running.send(SIGINT)
    #expect(running.outcome().status == 130)
    try place.succeed("resume", "run", "--threads", "3", "--quiet")
    try place.succeed("train", "config.yaml", "--output", "whole", "--quiet")
    for key in ["steps", "weights_digest"] {
      #expect(try "\(place.summary("run")[key] ?? "")" == "\(place.summary("whole")[key] ?? "")")
    }
    for run in ["run", "whole"] {
      let steps = try place.metrics(run).filter { $0["event"] as? String == "validation" }.compactMap {
        $0["step"] as? Int
      }
      #expect(steps == Array(1...6), "\(run)")
    }
  }

  @Test func quietSaysNothingOfIt() throws {
    let place = try Place(Configurations.long)
    let running = try Tool.Running(["train", "config.yaml", "--output", "run", "--quiet", "--json"], in: place.folder)
    running.wait { hasSaved(place) }
    running.send(SIGINT)
    let outcome = running.outcome()
    #expect(outcome.status == 130)
    #expect(outcome.errors == "")
    #expect(outcome.json["status"] as? String == "stopped")
  }

  /// Whether there is a checkpoint, whichever: few are kept, and one of a given step is soon gone.
  private func hasSaved(_ place: Place) -> Bool {
    (try? place.checkpoints("run"))?.contains { $0.hasSuffix(".zst") } == true
  }
}
