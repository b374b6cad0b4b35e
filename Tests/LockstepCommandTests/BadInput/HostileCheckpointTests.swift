import Foundation
import Lockstep
import TestSupport
import Testing

/// Files that lie about their sizes are refused before anything of that size is allocated: every command here runs with
/// 100 MB for all its data.
@Suite("Bad input: hostile checkpoints", .enabled(if: Tool.hasOwnMemory, "a sanitizer takes memory of its own"))
struct HostileCheckpointTests {
  private static let limit = 100_000

  private func refuse(_ arguments: [String], in place: Place, _ word: String) throws {
    let outcome = try Tool.run(arguments, in: place.folder, kilobytes: Self.limit)
    #expect(outcome.status == 2, "\(arguments): \(outcome)")
    #expect(outcome.errors.contains(word), "\(arguments): no \(word) in: \(outcome.errors.prefix(1000))")
    #expect(outcome.errors.utf8.count < 4000 && outcome.output.isEmpty, "\(arguments)")
  }

  @Test func filesThatLieAreRefused() throws {
    let gigabytes = 8 << 30
    let vast = HostileFile.tensor("model.vast", count: gigabytes / 4)
    let bomb = HostileFile.safetensors(HostileFile.header(vast))
    let whole = HostileFile.frame(bomb, promising: bomb.count)
    let million = (0..<1_000_000).map { HostileFile.tensor("\($0)", count: 0) }.joined(separator: ",")
    let many = (0..<200_000).map { HostileFile.tensor("\($0)", count: 0) }.joined(separator: ",")
    // Each letter stands for two, into which it is taken apart at every comparison.
    let composed = String(repeating: "\u{958}", count: 25)
    let foreign = (0..<99_000).map { HostileFile.tensor("\(composed)\($0)", count: 0) }.joined(separator: ",")
    let marks = "a" + String(repeating: "\u{301}\u{323}", count: 3_500_000)
    let files: [(name: String, bytes: [UInt8], word: String)] = [
      // 256 KB that stand for 8 GB, with the promise of it, without, and with another one.
      (
        "bomb", HostileFile.sealed(HostileFile.frame(bomb, zeros: gigabytes, promising: bomb.count + gigabytes)),
        "and no configuration in it says of what model"
      ),
      (
        "silent", HostileFile.sealed(HostileFile.frame(bomb, zeros: gigabytes, promising: nil)),
        "does not say how many bytes it holds"
      ),
      (
        "modest", HostileFile.sealed(HostileFile.frame(bomb, zeros: gigabytes, promising: bomb.count)),
        "its compressed bytes are damaged"
      ),
      (
        "proud", HostileFile.sealed(HostileFile.frame(bomb, promising: bomb.count + gigabytes)),
        "promises \(bomb.count + gigabytes) bytes, more than a file of"
      ),
      ("two frames", HostileFile.sealed(whole + whole), "\(gigabytes) bytes, and 0 bytes follow"),
      (
        "header of 100 MB",
        HostileFile.sealed(
          HostileFile.frame(
            HostileFile.safetensors("{}", length: 100_000_000), zeros: 99_999_998, promising: 100_000_008)),
        "header has 100000000 bytes"
      ),
      ("a million tensors", HostileFile.checkpoint(HostileFile.header(million)), "safetensors header has"),
      ("200000 tensors", HostileFile.checkpoint(HostileFile.header(many)), "more than 100000 tensors"),
      (
        "names beyond ASCII", HostileFile.checkpoint(HostileFile.header(foreign)),
        "the names beyond ASCII have more than 1048576 bytes"
      ),
      (
        "nesting", HostileFile.checkpoint(HostileFile.header("\"a\":" + String(repeating: "[", count: 16_000_000))),
        "found '}', which closes nothing"
      ),
      (
        "numbers",
        HostileFile.checkpoint(HostileFile.header("\"a\":[" + String(repeating: "1,", count: 8_000_000) + "1]")),
        "tensor \"a\": "
      ),
      ("marks in a name", HostileFile.checkpoint(HostileFile.header("\"\(marks)\":{}")), "combining marks in a row"),
      (
        "marks in a value", HostileFile.checkpoint(HostileFile.header("\"w\":{\"dtype\":\"\(marks)\"}")),
        "combining marks in a row"
      ),
      (
        "marks in a text",
        HostileFile.checkpoint(HostileFile.header(metadata: ["format_version": "1", "configuration": marks])),
        "combining marks in a row"
      ),
    ]
    let place = try Place()
    for file in files {
      try place.write(Data(file.bytes), to: file.name)
      try refuse(["inspect", file.name], in: place, file.word)
      // It wants a configuration first.
      try refuse(
        ["evaluate", file.name], in: place,
        ["bomb", "two frames"].contains(file.name) ? "holds no configuration" : file.word)
      try place.remove(file.name)
    }
  }

  /// The configuration in the file says how large the tensors are, and a run knows its own.
  @Test func tensorsOfAnotherModelAreNotEvenRead() throws {
    let place = try Place()
    let newest = "run/checkpoints/step-00000012.safetensors.zst"
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet")
    let metadata = try CheckpointFile.readHeader(place.path(newest)).metadata
    let bytes = 8 << 30
    let bomb = HostileFile.checkpoint(
      HostileFile.header(HostileFile.tensor("model.vast", count: bytes / 4), metadata: metadata), zeros: bytes)
    try place.write(Data(bomb), to: newest)
    for command in ["inspect", "evaluate"] {
      try refuse([command, newest], in: place, "of another model: tensor \"model.dense0.weight\" of shape")
    }
    try refuse(["resume", "run"], in: place, "the checkpoint is of another model")
    // A model as large as that, in words.
    let wide = (metadata["configuration"] ?? "").replacing("units: 12", with: "units: 16777216")
    let vast = HostileFile.checkpoint(
      HostileFile.header(
        HostileFile.tensor("model.vast", count: bytes / 4),
        metadata: metadata.merging(["configuration": wide]) { $1 }), zeros: bytes)
    try place.write(Data(vast), to: newest)
    for command in ["inspect", "evaluate"] {
      try refuse([command, newest], in: place, "of another model: tensor \"model.dense0.weight\" of shape")
    }
  }

  /// What the other files of a run folder may hold is bounded too.
  @Test func filesOfARunThatHaveNoEnd() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--steps", "12", "--quiet")
    // A terabyte of zeros that take no room, in one line.
    for name in ["run/summary.json", "run/config.yaml"] {
      let kept = try place.read(name)
      let file = try FileHandle(forWritingTo: URL(filePath: place.path(name)))
      try file.truncate(atOffset: 1 << 40)
      try file.close()
      let outcome = try Tool.run(["resume", "run", "--steps", "12"], in: place.folder, kilobytes: Self.limit)
      // A summary can be made again, a configuration cannot.
      #expect(outcome.status == (name == "run/config.yaml" ? 2 : 0), "\(outcome)")
      try place.write(kept, to: name)
    }
    let line = try FileHandle(forWritingTo: URL(filePath: place.path("run/metrics.jsonl")))
    try line.seekToEnd()
    try line.write(contentsOf: Data("{\"event\":\"".utf8))
    try line.truncate(atOffset: try line.offset() + 300_000_000)
    try line.close()
    let outcome = try Tool.run(
      ["resume", "run", "--steps", "14", "--quiet"], in: place.folder, kilobytes: 2 * Self.limit)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try place.metrics("run").count > 3)
  }
}
