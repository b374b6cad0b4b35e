import Foundation
import TestSupport
import Testing

/// `lockstep search` as it is typed.
@Suite("search")
struct SearchCommandTests {
  private static let vary = ["--vary", "optimizer.adam.learning_rate=log:1e-4..1e-1", "--vary", "activation=relu,tanh"]

  private func search(_ place: Place, _ words: String...) throws -> Tool.Outcome {
    try Tool.run(["search", "config.yaml"] + Self.vary + words, in: place.folder)
  }

  /// What follows from the search alone, without times.
  private func records(_ place: Place, _ folder: String) throws -> [String: Data] {
    try place.bytes().filter {
      $0.key.hasPrefix("\(folder)/")
        && ($0.key.hasSuffix("trial.json") || $0.key.hasSuffix(".yaml") && !$0.key.contains("trial-"))
    }
    .reduce(into: [:]) { $0[String($1.key.dropFirst(folder.count))] = $1.value }
  }

  @Test func bestTrialCanBeTrainedAnew() throws {
    let place = try Place()
    let vary = "optimizer.adam.learning_rate=log:1e-4..1e-1"
    let outcome = try place.succeed(
      "search", "config.yaml", "--vary", vary, "--vary", "model.layers.0.dense.units=8..24", "--trials", "9",
      "--output",
      "s", "--json", "s.json", "--report", "s.html")
    #expect(
      outcome.output.hasPrefix("full: loss of 9 trials, the lowest first\n\ntrial  adam.learning_rate  dense.units"))
    #expect(outcome.output.contains("9 trials for 1/9 of their steps, 3 for 1/3, 1 to the end"))
    #expect(outcome.errors.contains("training 1 of 13: trial 1, rung 1 of 3: optimizer.adam.learning_rate "))
    let json = try JSONSerialization.jsonObject(with: place.read("s.json")) as? [String: Any] ?? [:]
    let best = try #require((json["trials"] as? [[String: Any]])?.first)
    let number = try #require(json["best"] as? Int)
    #expect(best["trial"] as? Int == number)
    // The line under the table, as it is.
    let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("--set ") })
    let options = line.split(separator: " ").map(String.init)
    let digest = (best["results"] as? [[String: Any]])?.last?["weights_digest"] as? String
    for words in [["config.yaml"] + options, ["s/best.yaml"]] {
      let trained = try Tool.run(
        ["train"] + words + ["--output", "again", "--overwrite", "--json", "--quiet"], in: place.folder)
      #expect(trained.status == 0 && trained.json["weights_digest"] as? String == digest, "\(trained)")
    }
    let runs = try place.succeed("runs", "s", "--json").output
    #expect(runs.contains("trial-000\(number)"))
    #expect(try String(decoding: place.read("s.html"), as: UTF8.self).contains("trial \(number): loss"))
  }

  /// Killed again and again, whatever it is at, it ends with the same records.
  @Test func killedAtAnyInstant() throws {
    let place = try Place()
    #expect(try search(place, "--trials", "9", "--output", "whole", "--quiet").status == 0)
    let words = ["search", "config.yaml"] + Self.vary + ["--trials", "9", "--output", "parts", "--quiet", "--threads"]
    var (kills, isDone) = (0, false)
    for turn in 0..<60 where !isDone {
      let running = try Tool.Running(words + ["\(turn % 3 + 1)"], in: place.folder)
      running.wait(Double(60 + 45 * turn) / 1000) { false }
      isDone = !running.isRunning
      if !isDone { kills += 1 }
      let outcome = running.end()
      #expect(outcome.status == (isDone ? 0 : 137), "\(outcome)")
    }
    #expect(isDone && kills > 1, "\(kills) kills")
    let (whole, parts) = (try records(place, "whole"), try records(place, "parts"))
    #expect(whole.count == 10 && Set(whole.keys) == Set(parts.keys))
    for (name, bytes) in whole where name != "/best.yaml" { #expect(parts[name] == bytes, "\(name)") }
  }

  /// A signal ends the step and saves; the line that it prints goes on.
  @Test func signalsAndTime() throws {
    let place = try Place(Configurations.long)
    let words = ["search", "config.yaml"] + Self.vary + ["--trials", "3", "--strategy", "random", "--output", "s"]
    let running = try Tool.Running(words, in: place.folder)
    running.wait {
      running.errors.contains("training 1 of 3") && (try? place.read("s/trial-0001/metrics.jsonl"))?.isEmpty == false
    }
    running.send(SIGTERM)
    let outcome = running.outcome()
    #expect(outcome.status == 143 && outcome.output == "", "\(outcome)")
    #expect(
      outcome.errors.contains(
        "go on with: lockstep search config.yaml --vary optimizer.adam.learning_rate=log:1e-4..1e-1 --vary activation=relu,tanh"
      ))
    #expect(try place.checkpoints("s/trial-0001").isEmpty == false)
    let limited = try Tool.run(words + ["--max-time", "1s"], in: place.folder)
    #expect(limited.status == 75 || limited.status == 0, "\(limited)")
    let again = try Tool.run(words, in: place.folder)
    #expect(again.status == 0)
    #expect(try Tool.run(words.dropLast() + ["whole"], in: place.folder).status == 0)
    let (whole, parts) = (try records(place, "whole"), try records(place, "s"))
    #expect(whole == parts)
  }

  @Test func allDiverge() throws {
    let place = try Place(
      Configurations.full.replacing("optimizer: {adam: {learning_rate: 0.01}}", with: "optimizer: sgd"))
    let outcome = try Tool.run(
      [
        "search", "config.yaml", "--vary", "optimizer.sgd.learning_rate=1e38,2e38", "--set",
        "training.gradient_clip=null", "--vary", "batch_norm=none", "--trials", "5", "--output", "s",
      ], in: place.folder)
    #expect(outcome.status == 1 && outcome.output.contains("5 of 5 diverged:\ntrial 1: step "), "\(outcome)")
    #expect(outcome.errors.contains("s: found no trial that came to its end, expected one"))
  }

  @Test(
    arguments: [
      ([], "--vary: expected at least one"), (["--vary", "seed=2..1"], "--vary seed=2..1: found a range from 2 to 1"),
      (["--vary", "seed=1..2", "--vary", "seed=1,2"], "--vary seed: found the key twice"),
      (["--vary", "seed=1..2", "--set", "seed=4"], "--set seed=4: found a key that --vary has too"),
      (["--vary", "seed=1..2", "--trials", "0"], "--trials 0: expected at least 1"),
      (["--vary", "seed=1..2", "--trials", "-4"], "--trials -4: expected at least 1"),
      (["--vary", "seed=1..2", "--eta", "1"], "--eta 1: expected at least 2"),
      (["--vary", "seed=1..2", "--eta", "3", "--strategy", "random"], "--eta: found it beside --strategy random"),
      (["--vary", "seed=1..2", "--min-steps", "22"], "--min-steps 22: expected 1 … 21"),
      (["--vary", "seed=1..2", "--metric", "f2"], "--metric f2: found no such metric"),
      (["--vary", "seed=1..2", "--threads", "0"], "--threads 0: expected at least 1"),
      (["--vary", "seed=1..2", "--output", ""], "--output: found an empty path"),
      (["--vary", "seed=1..2", "--report", "nowhere/page.html"], "--report nowhere/page.html"),
      (["--vary", "sed=1..2"], "found an unknown key"),
      (["--vary", "data.standardize=0..1"], "--vary data.standardize=0"),
      (["--vary", "threads=1..2", "--strategy", "bayes"], "bayes"),
      (["--vary", "seed=1..2", "--output", "config.yaml"], "config.yaml"),
    ])
  func badInput(words: [String], expected: String) throws {
    try Place().refuse(["search", "config.yaml"] + words, [expected])
  }
}
