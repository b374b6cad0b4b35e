import Foundation
import Lockstep
import TestSupport
import Testing

/// `lockstep verify`: what it prints and how it ends.
@Suite("verify")
struct VerifyTests {
  @Test func same() throws {
    let place = try Place.keepingCheckpoints()
    let (run, copy) = ("\(place.folder)/a", "\(place.folder)/copy")
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    let outcome = try place.succeed("verify", "a", "--quiet")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("steps") && lines[2].contains(#/^0–6 +same/#), "\(outcome.output)")
    #expect(
      lines.last?.hasPrefix("same: ") == true && lines.last?.hasSuffix(", trained again, have the bits of a") == true)
    #expect(outcome.errors.isEmpty)
    let json = try place.succeed("verify", "a", "--sample", "2", "--seed", "4", "--json", "--threads", "1").json
    #expect(json["same"] as? Bool == true && json["seed"] as? String == "4")
    #expect((json["intervals"] as? [[String: Any]])?.map { $0["outcome"] as? String } == ["same", "same"])
    #expect(FileManager.default.contentsEqual(atPath: run, andPath: copy))
    // A seed that was drawn picks the same again.
    let drawn = try place.succeed("verify", "a", "--sample", "1").output
    let seed = try #require(drawn.firstMatch(of: #/picked by --seed (\d+)/#)?.output.1)
    let again = try place.succeed("verify", "a", "--sample", "1", "--seed", String(seed)).output
    #expect(again.split(separator: " ").prefix(12) == drawn.split(separator: " ").prefix(12))
  }

  @Test func different() throws {
    let place = try Place.keepingCheckpoints()
    let path = "\(place.folder)/a/checkpoints/step-00000012.safetensors.zst"
    let checkpoint = try CheckpointFile.read(path)
    checkpoint.tensors[0].values[1] += 0.25
    var metadata = checkpoint.metadata
    for key in [CheckpointKey.formatVersion, CheckpointKey.weightsDigest] { metadata[key] = nil }
    try CheckpointFile.write(CheckpointContent(tensors: checkpoint.tensors, metadata: metadata), to: path)
    let outcome = try Tool.run(["verify", "a", "--from", "6", "--to", "12"], in: place.folder)
    #expect(outcome.status == 1)
    let name = checkpoint.tensors[0].name
    #expect(outcome.output.contains("steps 6 to 12: first at step 12: tensor \(name), element 1: found "))
    #expect(
      outcome.output.hasSuffix(
        "different: a is not what its configuration and data give: first at step 12, tensor \(name)\n"), "\(outcome)")
    let json = try Tool.run(["verify", "a", "--from", "6", "--to", "12", "--json"], in: place.folder)
    let interval = (json.json["intervals"] as? [[String: Any]])?.first
    let tensor = (interval?["difference"] as? [String: Any])?["tensor"] as? [String: Any]
    #expect(json.status == 1 && tensor?["name"] as? String == name && tensor?["element"] as? Int == 1)
  }

  @Test func wrongInput() throws {
    let place = try Place.keepingCheckpoints()
    try place.refuse(
      ["verify", "a", "--from", "3"], ["--from 3: found no checkpoint of that step in a, expected one of 0, 6"])
    try place.refuse(["verify", "a", "--sample", "0"], ["--sample 0: expected at least 1"])
    try place.refuse(["verify", "a", "--seed", "1"], ["--seed: expected --sample"])
    try place.refuse(["verify", "a", "--threads", "0"], ["--threads 0: expected at least 1"])
    try place.refuse(["verify", "config.yaml"], ["config.yaml: not the folder of a run"])
    try place.refuse(["verify", "none"], ["none: not the folder of a run"])
  }
}
