import Foundation
import Lockstep
import TestSupport
import Testing

/// Whoever writes a configuration or a checkpoint, or may write into a run folder, does not get a file written
/// elsewhere, nor anything executed.
@Suite("Bad input: security")
struct SecurityTests {
  private static let newest = "run/checkpoints/step-00000012.safetensors.zst"

  /// A run of 12 steps that may go on, beside a file that nobody should touch.
  private func placeWithRun() throws -> Place {
    let place = try Place()
    try place.write("precious", to: "victim")
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet")
    return place
  }

  private func link(_ place: Place, _ name: String, to target: String) throws {
    try? place.remove(name)
    try FileManager.default.createSymbolicLink(atPath: place.path(name), withDestinationPath: target)
  }

  @Test(arguments: ["../../x", "..", ".", "/tmp/x", "a/b", ".x", "a\\nb", "-x", ""])
  func aNameIsNoPath(name: String) throws {
    let place = try Place()
    try place.write(Configurations.full.replacing("name: full", with: "name: \"\(name)\""), to: "bad.yaml")
    try place.refuse(["train", "bad.yaml"], ["name: found", "expected"])
    try place.refuse(["train", "config.yaml", "--set", "name=\"\(name)\""], ["name: found", "expected"])
  }

  /// Without a name, a run is called after its file.
  @Test(arguments: ["...yaml", "..yaml", ".x.yaml", "a\\..yaml", "~.yaml", "\u{1B}[2J.yaml"])
  func aFileNameIsNoPath(file: String) throws {
    let place = try Place()
    try place.write(Configurations.full.replacing("name: full\n", with: ""), to: file)
    let before = Set(try place.bytes().keys)
    try place.succeed("train", file, "--steps", "1", "--quiet")
    let new = Set(try place.bytes().keys).subtracting(before)
    #expect(new.allSatisfy { $0 == "runs" || $0.hasPrefix("runs/") }, "\(new)")
    let folders = try FileManager.default.contentsOfDirectory(atPath: place.path("runs"))
    let name = try #require(folders.count == 1 ? folders.first : nil)
    #expect(name.first?.isLetter == true && name.unicodeScalars.allSatisfy { $0.value > 0x1F }, "\(name)")
  }

  @Test func namesOfTensorsAreNoPaths() throws {
    let place = try placeWithRun()
    let metadata = try CheckpointFile.readHeader(place.path(Self.newest)).metadata
    let tensors = ["../../../planted", "/tmp/planted", "a/../../planted"].enumerated().map {
      HostileFile.tensor($1, count: 1, from: 4 * $0)
    }.joined(separator: ",")
    try place.write(
      Data(HostileFile.checkpoint(HostileFile.header(tensors, metadata: metadata), zeros: 12)), to: Self.newest)
    for arguments in [["inspect", Self.newest], ["evaluate", Self.newest], ["resume", "run"]] {
      try place.refuse(arguments, ["of another model"])
    }
    // Without a configuration to compare with, they are shown, and what a terminal would obey is not.
    let digest = SHA256Digest.hexadecimal(of: [0, 0, 0, 0])
    let strange = HostileFile.tensor("../\\u001b[2Jplanted", count: 1)
    try place.write(
      Data(
        HostileFile.checkpoint(
          HostileFile.header(strange, metadata: ["format_version": "1", "weights_digest": digest]), zeros: 4)),
      to: "strange.zst")
    let before = try place.bytes()
    let outcome = try place.succeed("inspect", "strange.zst")
    #expect(outcome.output.contains("planted") && !outcome.output.contains("\u{1B}"))
    #expect(try place.bytes() == before)
  }

  /// Links that stand where a run writes: each is replaced by a file or refused, and what it points to stays as it was.
  @Test(arguments: [
    "metrics.jsonl", "metrics.csv", "summary.json", "lock", "config.yaml", "checkpoints/step-00000014.safetensors.zst",
    ".summary.json.1-1.partial", "checkpoints/.step-00000014.safetensors.zst.1-1.partial",
  ])
  func plantedLinksAreNotFollowed(name: String) throws {
    let place = try placeWithRun()
    let target = String(repeating: "../", count: name.split(separator: "/").count)
    let isConfiguration = name == "config.yaml"
    if isConfiguration { try place.copy("run/config.yaml", to: "configuration") }
    for (victim, steps) in isConfiguration ? [("configuration", "14")] : [("nowhere", "14"), ("victim", "16")] {
      let name = name.replacing("14", with: steps)
      try link(place, "run/\(name)", to: target + victim)
      let before = FileManager.default.contents(atPath: place.path(victim))
      let outcome = try place.lockstep("resume", "run", "--steps", steps, "--quiet")
      #expect(FileManager.default.contents(atPath: place.path(victim)) == before, "\(name) → \(victim)")
      // What is only written is replaced; what is opened to go on with is refused, a log unless it had to be mended.
      if name == "lock" || name == "metrics.jsonl" && victim == "nowhere" {
        #expect(outcome.status != 0 && outcome.errors.contains("A symbolic link stands there"), "\(name): \(outcome)")
        try place.remove("run/\(name)")
      } else {
        #expect(outcome.status == 0, "\(name): \(outcome)")
        let type =
          try? FileManager.default.attributesOfItem(atPath: place.path("run/\(name)"))[.type] as? FileAttributeType
        #expect(type == (name.hasSuffix(".partial") ? nil : .typeRegular), "\(name) → \(victim)")
      }
    }
  }

  @Test func checkpointsThroughALinkAreRefused() throws {
    let place = try placeWithRun()
    try FileManager.default.moveItem(atPath: place.path("run/checkpoints"), toPath: place.path("elsewhere"))
    try link(place, "run/checkpoints", to: "../elsewhere")
    try place.refuse(["resume", "run"], ["A symbolic link stands there"])
  }

  @Test func theUmaskHoldsForEveryFile() throws {
    let place = try Place()
    let arguments = ["train", "config.yaml", "--output", "run", "--steps", "2", "--quiet"]
    let script = "umask 077 && exec \"$0\" \"$@\""
    #expect(
      try Tool.Running(["-c", script, Tool.path] + arguments, of: "/bin/sh", in: place.folder).outcome().status == 0)
    for name in try place.bytes().keys where name.hasPrefix("run") {
      let mode = try FileManager.default.attributesOfItem(atPath: place.path(name))[.posixPermissions] as? Int ?? 0o777
      #expect(mode & 0o077 == 0, "\(name): \(String(mode, radix: 8))")
    }
  }

  @Test func nothingIsExecuted() throws {
    let place = try Place()
    let command = "$(touch planted) `touch planted` | touch planted; touch planted"
    try place.write(
      Configurations.full.replacing("split: validation", with: "split: '\(command)'"), to: "shell.yaml")
    try place.succeed("train", "shell.yaml", "--output", "run", "--steps", "2", "--quiet")
    for tag in [
      "!!python/object/apply:os.system [touch planted]", "!include /etc/passwd", "!!binary aGk=", "!env HOME",
    ] {
      try place.write(Configurations.full.replacing("name: full", with: "name: \(tag)"), to: "tag.yaml")
      try place.refuse(["train", "tag.yaml"], ["expected no tags"])
    }
    #expect(try place.bytes().keys.allSatisfy { !$0.contains("planted") })
  }
}
