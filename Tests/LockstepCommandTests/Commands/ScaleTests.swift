import Foundation
import TestSupport
import Testing

@Suite("scale")
struct ScaleTests {
  @Test func everyCountEndsWithTheBitsOfTraining() throws {
    let place = try Place()
    let outcome = try place.succeed(
      "scale", "config.yaml", "--threads", "1,2,3", "--steps", "12", "--json", "scale.json")
    #expect(outcome.output.contains("same bits on every row:\nweights digest "))
    #expect(outcome.errors.contains("turn 3 of 3, 3 threads"))
    let json = try JSONSerialization.jsonObject(with: place.read("scale.json")) as? [String: Any] ?? [:]
    #expect(json["digests_agree"] as? Bool == true)
    let rows = json["rows"] as? [[String: Any]] ?? []
    #expect(rows.map { $0["threads"] as? Int } == [1, 2, 3])
    #expect(Set(rows.map { $0["weights_digest"] as? String }).count == 1)
    for row in rows {
      for key in ["samples_per_second", "speed_up", "efficiency", "ceiling_samples_per_second", "ceiling_share"] {
        #expect((row[key] as? Double ?? 0) > 0, "\(key)")
      }
      let shares = (row["phases"] as? [String: Double] ?? [:]).values.reduce(0, +)
      #expect(abs(shares - 1) < 1e-6)
    }
    let trained = try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet", "--json")
    #expect(rows.first?["weights_digest"] as? String == trained.json["weights_digest"] as? String)
    // Nothing else was written.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted() == [
        "config.yaml", "run", "scale.json",
      ])
  }

  @Test func withoutStepsAShortRunIsMeasuredWhole() throws {
    let outcome = try Place().succeed("scale", "config.yaml", "--threads", "2", "--quiet")
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("full: 21 steps of 32 samples in 4 shards"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(outcome.output)")
  }

  @Test func batchesGrowWithThreads() throws {
    let place = try Place()
    let outcome = try place.succeed(
      "scale", "config.yaml", "--threads", "4,2,6", "--weak", "--steps", "12", "--quiet", "--json", "weak.json")
    #expect(outcome.output.contains("12 steps of 32 samples in 4 shards for every 2 threads"))
    let json = try JSONSerialization.jsonObject(with: place.read("weak.json")) as? [String: Any] ?? [:]
    let rows = json["rows"] as? [[String: Any]] ?? []
    #expect(rows.map { $0["batch"] as? Int } == [64, 32, 96] && rows.map { $0["shards"] as? Int } == [8, 4, 12])
    #expect(json["weak"] as? Bool == true && json["digests_agree"] is NSNull && json["unshared_share"] is NSNull)
    #expect(Set(rows.map { $0["weights_digest"] as? String }).count == 3)
    try place.refuse(
      ["scale", "config.yaml", "--threads", "1,9", "--weak", "--steps", "12"],
      ["--weak, 9 threads: full: training.batch_size: found "])
  }

  /// One rank needs no MPI; more do.
  @Test func ranks() throws {
    let place = try Place()
    let outcome = try place.succeed(
      "scale", "config.yaml", "--ranks", "1", "--steps", "12", "--quiet", "--json", "ranks.json", "--report", "r.html")
    #expect(
      outcome.output.contains("ranks  threads") && outcome.output.contains("bits of this layout:\nweights digest "))
    let json = try JSONSerialization.jsonObject(with: place.read("ranks.json")) as? [String: Any] ?? [:]
    let layouts = json["layouts"] as? [[String: Any]] ?? []
    #expect(layouts.map { $0["ranks"] as? Int } == [1] && layouts.map { $0["threads"] as? Int } == [1])
    #expect(try String(decoding: place.read("r.html"), as: UTF8.self).contains("bits of this layout"))
    for (words, problem) in [
      (["--ranks", "1,x"], "--ranks 1,x: found x, expected counts"),
      (["--ranks", "1,1"], "--ranks 1,1: expected counts that differ"),
      (["--ranks", "1,99"], "--ranks 1,99: found 99 ranks for 4 shards, expected at most one rank a shard"),
      (["--ranks", "1", "--threads", "1,2"], "--threads 1,2: expected one number of threads"),
      (["--ranks", "1", "--threads", "129"], "--threads 129: expected one number of threads, 1 … 128"),
      (["--ranks", "1", "--weak"], "--weak: found beside ranks"),
      (["--ranks", "1", "--steps", "3"], "--steps 3: expected at least 8"),
    ] {
      try place.refuse(["scale", "config.yaml"] + words, [problem])
    }
    try place.refuse(
      ["scale", "--ranks", "1", "--compare", "a.json", "b.json"], ["--ranks: found beside --compare"])
    #if !MPI
      try place.refuse(
        ["scale", "config.yaml", "--ranks", "2", "--steps", "12"],
        ["--ranks: found a program that is built without MPI"])
    #endif
  }

  @Test func severalMachinesSideBySide() throws {
    let place = try Place()
    for name in ["here", "there"] {
      _ = try place.succeed("scale", "config.yaml", "--steps", "12", "--quiet", "--json", "\(name).json")
    }
    let outcome = try place.succeed(
      "scale", "--compare", "here.json", "there.json", "--json", "both.json", "--report", "both.html")
    #expect(outcome.output.hasPrefix("threads "))
    #expect(outcome.output.contains("The same bits on all of them: weights digest\n"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(outcome.output)")
    let both = try JSONSerialization.jsonObject(with: place.read("both.json")) as? [String: Any] ?? [:]
    #expect((both["results"] as? [Any])?.count == 2)
    #expect(try String(decoding: place.read("both.html"), as: UTF8.self).contains("The same bits on all of them"))
    for (words, problem) in [
      ([], "the configuration: found none, expected one, or --compare with files"),
      (["--compare", "here.json"], "--compare here.json: found one file, expected at least two"),
      (["config.yaml", "--compare", "here.json", "there.json"], "config.yaml: found a configuration beside --compare"),
      (["--compare", "here.json", "config.yaml"], "config.yaml: found something else, expected the figures of"),
      (["--compare", "here.json", "none.json"], "none.json: found no such file"),
      (["--threads", "1,2", "--compare", "here.json", "there.json"], "--threads: found beside --compare"),
      (["--set", "seed=2", "--compare", "here.json", "there.json"], "--set: found beside --compare"),
    ] {
      try place.refuse(["scale"] + words, [problem])
    }
  }
}
