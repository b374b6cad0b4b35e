import Foundation
import TestSupport
import Testing

@testable import LockstepCommand

@Suite("diagnose")
struct DiagnoseTests {
  @Test func figuresAreTheSameBytesOnEveryThreadCount() throws {
    let place = try Place()
    var texts: [Data] = []
    var outputs: [String] = []
    for threads in [1, 2, 3, 5] {
      let outcome = try place.succeed(
        "diagnose", "config.yaml", "--steps", "9", "--threads", "\(threads)", "--json", "figures.json", "--quiet")
      #expect(outcome.errors == "")
      outputs.append(outcome.output)
      texts.append(try place.read("figures.json"))
    }
    #expect(Set(texts).count == 1 && Set(outputs).count == 1)
    let json = try JSONSerialization.jsonObject(with: texts[0]) as? [String: Any] ?? [:]
    let stages = json["stages"] as? [[String: Any]] ?? []
    #expect(stages.map { $0["step"] as? Int } == [0, 9])
    // Nothing else was written.
    #expect(try place.bytes().keys.sorted() == ["config.yaml", "figures.json"])
  }

  @Test func tableVerdictAndAdviceFitTheTerminal() throws {
    let place = try Place()
    let outcome = try place.succeed("diagnose", "config.yaml", "--steps", "5")
    for words in ["full at initialisation, ", "full after 5 steps, ", "verdict: healthy", "rrelu0", "what to change"] {
      #expect(outcome.output.contains(words), "\(words) in \(outcome.output)")
    }
    // The line, the key and the value, and who says so.
    #expect(outcome.output.contains("→ config.yaml:12: model.layers.4.dense.initializer: he_normal"))
    #expect(outcome.output.contains("https://arxiv.org/abs/1502.01852"))
    for line in outcome.output.split(separator: "\n") where !line.contains("→") && !line.contains("https://") {
      #expect(line.count <= 80, "\(line)")
    }
    let narrow = try place.lockstep("diagnose", "config.yaml", environment: ["COLUMNS": "50"])
    for line in narrow.output.split(separator: "\n") where !line.contains("→") && !line.contains("https://") {
      #expect(line.count <= 50, "\(line)")
    }
  }

  /// The best cure as a file, whose network is healthy; nothing is overwritten.
  @Test func curesAreApplied() throws {
    let place = try Place()
    let broken = "model.layers=[{repeat: {times: 12, layers: [{dense: 16}, sigmoid]}}, {dense: {units: 3}}]"
    let told = try place.succeed("diagnose", "config.yaml", "--apply", "cured.yaml", "--set", broken)
    for words in ["verdict: vanishing gradient", "what to change", "--set", "line by line", " without"] {
      #expect(told.output.contains(words), "\(words) in \(told.output)")
    }
    for line in told.output.split(separator: "\n") where !line.contains("--set") && !line.contains("https://") {
      #expect(line.count <= 80 || line.contains("→"), "\(line)")
    }
    #expect(try place.succeed("diagnose", "cured.yaml").output.contains("verdict: healthy"))
    let again = try place.lockstep("diagnose", "config.yaml", "--apply", "cured.yaml", "--set", broken)
    #expect(again.status == 2 && again.errors.contains("--apply cured.yaml: found a file already, expected none"))
    let healthy = try place.lockstep("diagnose", "cured.yaml", "--apply", "other.yaml")
    #expect(healthy.status == 0 && healthy.errors.contains("not written, because nothing is wrong"))
    let blind = try place.lockstep(
      "diagnose", "cured.yaml", "--prove", "--set", "data.validation=null", "--set",
      "evaluation=null")
    #expect(
      blind.status == 2 && blind.errors.contains("found no data.validation and no data.split") && blind.output == "")
    let alone = try place.lockstep("diagnose", "cured.yaml", "--seeds", "3")
    #expect(alone.status == 2 && alone.errors.contains("--seeds: expected --prove"))
  }

  @Test func roundingHasColumnsInBfloat16() throws {
    let place = try Place()
    for (precision, isRounded) in [("float32", false), ("bf16", true)] {
      let wide = try place.lockstep(
        "diagnose", "config.yaml", "--set", "training.precision=\(precision)", environment: ["COLUMNS": "160"])
      let header = wide.output.split(separator: "\n").first { $0.hasPrefix("layer") }?.split(separator: " ") ?? []
      for column in ["rounding", "back", "lost", "hidden"] {
        #expect(header.contains(Substring(column)) == isRounded, "\(precision): \(column)")
      }
    }
  }

  @Test func reportIsAPage() throws {
    let place = try Place()
    try place.succeed("diagnose", "config.yaml", "--report", "page.html")
    let text = try String(decoding: place.read("page.html"), as: UTF8.self)
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains("<title>full: healthy</title>"))
  }

  @Test func divergenceIsAResult() throws {
    let place = try Place(Configurations.regression)
    let outcome = try place.succeed(
      "diagnose", "config.yaml", "--steps", "10", "--set", "optimizer.sgd.learning_rate=1e30")
    #expect(outcome.output.contains("Training stopped: step "))
  }

  @Test(arguments: [
    (["--steps", "-1"], ["--steps -1: expected at least 0"]),
    (["--steps", "22"], ["--steps 22: the configured length of the run is 21 steps", "--set training.steps=22"]),
    (["--threads", "0"], ["--threads 0: expected at least 1"]),
    (["--set", "training.shard=4"], ["training.shard: found an unknown key", "did you mean shards?"]),
    (["--set", "model.layers.9=relu"], ["model.layers.9"]),
    (["--report", "nowhere/page.html"], ["--report nowhere/page.html: there is no folder nowhere"]),
    (["--report", "."], ["--report .: found a folder"]), (["--report", ""], ["--report: found an empty path"]),
    (["--json", "nowhere/x.json"], ["--json nowhere/x.json: there is no folder nowhere"]),
  ])
  func badInputIsRefused(arguments: [String], words: [String]) throws {
    try Place().refuse(["diagnose", "config.yaml"] + arguments, words)
  }

  /// Told when a run begins, not when it goes on, and not where nobody wants to hear.
  @Test func adviceIsGivenAtTheStartOfTraining() throws {
    let place = try Place()
    let words = "warning: dense1: glorot_uniform before prelu"
    let begun = try place.succeed("train", "config.yaml", "--output", "run", "--steps", "6")
    #expect(begun.errors.split(separator: "\n").count { $0.hasPrefix(words) } == 1)
    #expect(try !place.succeed("resume", "run").errors.contains(words))
    #expect(try !place.succeed("train", "config.yaml", "--output", "other", "--quiet").errors.contains(words))
    let check = try place.succeed("check", "config.yaml").errors.split(separator: "\n")
    #expect(check.count { $0.hasPrefix(words) } == 1)
    #expect(check.count { $0.contains("a shard has as few as 8 rows") } == 1)
  }

  @Test func barsAreLogarithmic() {
    let scale = LogScale([1, 1e-4, nil, 0])
    #expect(scale.bar(1, width: 8) == "████████")
    #expect(scale.bar(nil, width: 3) == "   " && scale.bar(0, width: 3) == "·  ")
    let lengths = [1, 1e-1, 1e-2, 1e-3, 1e-4].map { scale.bar($0, width: 17).filter { $0 == "█" }.count }
    #expect(lengths == [17, 13, 9, 5, 1])
    // Layers that differ little have bars that differ little.
    #expect(LogScale([1, 0.9]).bar(0.9, width: 8).hasPrefix("███████"))
  }

  @Test func coloursAreForTerminals() {
    #expect(TextStyle(isColored: false).red("bad") == "bad")
    #expect(TextStyle(isColored: true).red("bad") == "\u{1B}[1;31mbad\u{1B}[0m")
  }
}
