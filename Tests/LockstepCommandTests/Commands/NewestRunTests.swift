import Foundation
import TestSupport
import Testing

/// Runs that are given no folder, and commands that are given no run.
@Suite("Runs without a folder")
struct NewestRunTests {
  @Test func runsNumberThemselves() throws {
    let place = try Place()
    for folder in ["runs/full", "runs/full-2", "runs/full-3"] {
      let outcome = try place.succeed("train", "config.yaml", "--steps", "2", "--json")
      #expect(outcome.json["checkpoint"] as? String == "\(folder)/checkpoints/step-00000002.safetensors.zst")
      #expect(outcome.errors.hasSuffix("go on with: lockstep resume \(folder)\n"))
    }
    // The one that has the name and went on last.
    try place.succeed("resume", "runs/full-2", "--steps", "3")
    let resumed = try place.succeed("train", "config.yaml", "--resume", "--steps", "4")
    #expect(resumed.errors.contains("going on from step 3 (runs/full-2/"))
    try place.succeed("train", "config.yaml", "--overwrite", "--steps", "1", "--quiet")
    #expect(try place.summary("runs/full")["steps"] as? Int == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("runs")).count == 3)
    try place.refuse(["train", "config.yaml", "--resume", "--overwrite"], ["--resume and --overwrite"])
  }

  /// Two that begin at the same instant are two runs.
  @Test func atTheSameTime() throws {
    let place = try Place()
    let both = try (0..<2).map { _ in
      try Tool.Running(["train", "config.yaml", "--steps", "9", "--quiet", "--json"], in: place.folder)
    }
    let outcomes = both.map { $0.outcome() }
    #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes)")
    let folders = Set(outcomes.map { ($0.json["checkpoint"] as? String ?? "").split(separator: "/")[1] })
    #expect(folders == ["full", "full-2"])
  }

  @Test func theNewestIsTaken() throws {
    let place = try Place()
    for command in ["resume", "report", "runs"] {
      try place.refuse([command], ["runs: found no run there, expected one that lockstep train CONFIG has begun"])
    }
    try place.succeed("train", "config.yaml", "--steps", "2", "--quiet")
    try place.succeed("train", "config.yaml", "--steps", "3", "--quiet", "--set", "name=other")
    let resumed = try place.succeed("resume", "--steps", "4", "--json")
    #expect(resumed.errors.hasPrefix("note: runs/other: the newest run in runs\n"))
    #expect(resumed.json["steps"] as? Int == 4)
    let page = try place.succeed("report")
    #expect(page.output == "runs/other/report.html\n" && page.errors == "note: runs/other: the newest run in runs\n")
    let list = try place.succeed("runs").output
    #expect(
      list.contains(#/full +paused by --steps +2 /#) && list.contains(#/other +paused by --steps +4 /#), "\(list)")
    try place.refuse(["resume", ""], ["the folder of the run: found an empty path"])
  }

  /// Ready to be pasted, whatever the folder is called; a run that has come to its end has none.
  @Test(arguments: ["my run", "it's", "-x", "$HOME", "\u{1B}[2Jx"]) func theCommandThatGoesOn(folder: String) throws {
    let place = try Place()
    let outcome = try place.lockstep("train", "config.yaml", "--output=\(folder)", "--steps", "2")
    #expect(outcome.status == 0, "\(outcome)")
    let line = try #require(outcome.errors.split(separator: "\n").last { $0.hasPrefix("go on with: ") })
    let command = line.dropFirst("go on with: lockstep ".count)
    let bash = try #require(program("bash"))
    let script = "cd '\(place.folder)' && '\(Tool.path)' \(command) --json 2>/dev/null"
    let (output, status) = try runProgram(bash, ["-c", script])
    #expect(status == 0 && output.contains("\"finished\""), "\(script): \(output)")
    let again = try runProgram(bash, ["-c", script.replacing("2>/dev/null", with: "2>&1")])
    #expect(!again.output.contains("go on with"))
  }

  @Test(arguments: [SIGTERM, SIGINT]) func aSignal(signal: Int32) throws {
    let place = try Place(Configurations.long)
    let running = try Tool.Running(["train", "config.yaml", "--verbose"], in: place.folder)
    running.wait { running.errors.contains("step 30  saved") }
    #expect(try place.succeed("runs").output.contains(#/full +running /#))
    running.send(signal)
    #expect(running.outcome().errors.hasSuffix("go on with: lockstep resume runs/full\n"))
    #expect(try place.succeed("runs").output.contains(#/full +paused by a signal /#))
    // One that is killed has not said so.
    let killed = try Tool.Running(["resume", "--verbose"], in: place.folder)
    killed.wait { killed.errors.contains("saved") }
    killed.send(SIGKILL)
    #expect(killed.outcome().status == 137)
    #expect(try place.succeed("runs").output.contains(#/full +killed /#))
    let limited = try place.lockstep("resume", "--max-time", "1s")
    #expect(limited.status == 75 && limited.errors.hasSuffix("go on with: lockstep resume runs/full\n"))
    let list = try JSONSerialization.jsonObject(with: Data(try place.succeed("runs", "--json").output.utf8))
    let run = (list as? [[String: Any]])?.first
    #expect(run?["status"] as? String == "paused" && run?["paused_by"] as? String == "time_limit")
  }

  /// An error that ends a run says so too, and is what is said of it afterwards.
  @Test func anError() throws {
    let place = try Place(
      """
      data: {train: {npy: {features: x.npy, targets: y.npy}}}
      model: {layers: [{dense: {units: 1}}]}
      loss: mean_squared_error
      optimizer: sgd
      training: {batch_size: 8, shards: 2, epochs: 2}
      """)
    func array(_ count: Int, broken: Int? = nil) -> Data {
      let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(count), 1), }"
      let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
      var data = Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]) + Data(padded.utf8)
      for index in 0..<count {
        let value: Float = index == broken ? .nan : Float(index) / 64
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data += $0 }
      }
      return data
    }
    try place.write(array(64), to: "x.npy")
    try place.write(array(64, broken: 40), to: "y.npy")
    let outcome = try place.lockstep("train", "config.yaml", "--quiet")
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.contains("y.npy: row 40") && outcome.errors.hasSuffix("go on with: lockstep resume runs/config\n"),
      "\(outcome)")
    #expect(try place.succeed("runs").output.contains(#/config +failed /#))
    try place.succeed("report")
    #expect(String(decoding: try place.read("runs/config/report.html"), as: UTF8.self).contains("y.npy: row 40"))
  }
}
