import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// Thousands of damaged inputs from fixed seeds: what `tools/fuzz` does for hours, in a moment.
@Suite("Damaged input")
struct ReaderFuzzTests {
  /// One to four edits: bytes replaced, removed, doubled, swapped; parts of JSON put in.
  private func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    let parts = [
      "9223372036854775807", "-9223372036854775808", "1e308", "\"inf\"", "null", "[]", "{}", "\"", "\n", "\\u0301",
      "\u{301}",
      ",", ":", "\"nan 0x7ff8000000000001\"",
    ]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 1 {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 3: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
      default: bytes.replaceSubrange(place..<end, with: parts[Int.random(in: 0..<parts.count, using: &random)].utf8)
      }
    }
    return bytes
  }

  @Test func runStates() {
    let text =
      #"{"step":9,"updates":8,"momentum_product":0.5,"plateau":{"factor":"inf","best":null,"waited":1},"window":{"count":100,"#
      + #""loss":0.25,"first":1e-3,"second":-0.0,"steps":2,"gradient_norm":null},"last_loss":0.25,"evaluation_pending":false}"#
    #expect(RunState(text) != nil)
    var accepted = 0
    for seed in 1...5000 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      guard let state = RunState(String(decoding: mutated(Array(text.utf8), &random), as: UTF8.self)) else { continue }
      accepted += 1
      let (step, updates) = (state.trainer.step, state.trainer.optimizer.updates)
      #expect(step >= 0 && (0...step).contains(updates) && (0...step).contains(state.window.steps), "seed \(seed)")
      let written = JSONValue.object(state.json).text
      #expect(RunState(written).map { JSONValue.object($0.json).text } == written, "seed \(seed)")
    }
    #expect(accepted > 20)
  }

  /// Counts that would overflow at the next step.
  @Test(arguments: ["\"updates\":8", "\"waited\":1", "\"steps\":2"])
  func countsHaveAnEnd(count: String) {
    let text =
      #"{"step":9,"updates":8,"momentum_product":0.5,"plateau":{"factor":1,"best":null,"waited":1},"window":{"count":1,"#
      + #""loss":0,"first":0,"second":0,"steps":2,"gradient_norm":null},"last_loss":0.25,"evaluation_pending":false}"#
    let name = count.prefix { $0 != ":" }
    for number in ["9223372036854775807", "-1", "10"] {
      #expect(RunState(text.replacing(count, with: "\(name):\(number)")) == nil, "\(name) \(number)")
    }
    #expect(RunState(text.replacing(count, with: "\(name):9")) != nil)
  }

  @Test func logs() throws {
    try withTemporaryFolder { folder throws in
      let path = "\(folder)/metrics.jsonl"
      let lines = (1...6).map { "{\"event\":\"train\",\"step\":\($0),\"loss\":0.5}\n" }.joined()
      for seed in 1...2000 as ClosedRange<UInt64> {
        var random = SeededGenerator(seed: seed)
        try write(mutated(Array(lines.utf8), &random), to: path)
        let mending = try MetricsLog.mend(path, keepingUpTo: 4)
        let left = try MetricsLog.lines(path)
        #expect(left.count == mending.kept && left.allSatisfy { $0.step <= 4 }, "seed \(seed)")
        #expect(try MetricsLog.mend(path, keepingUpTo: 4) == .init(kept: mending.kept), "seed \(seed)")
      }
    }
  }

  @Test func aLineWithoutAnEndIsOneDamagedLine() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let (good, long) = ("{\"event\":\"train\",\"step\":1}\n", String(repeating: "[", count: 3_000_000))
      try write("\(good){\"event\":\"\(long)\"}\n\(good)\(long)", to: path)
      #expect(try MetricsLog.mend(path, keepingUpTo: 9) == .init(kept: 2, removed: 0, damaged: 2))
      #expect(try bytes(of: path) == Array((good + good).utf8))
    }
  }

  /// Content changed under a seal that was made to agree, so that what is looked at is the header, not the seal.
  @Test func checkpoints() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      let tensors = TestTensors.small().records
      let digest = weightsDigest(of: tensors)
      let header = try SafetensorsHeader(
        metadata: ["format_version": "1", "weights_digest": digest], tensors: tensors.map(\.info))
      var content = try header.encoded()
      for tensor in tensors { tensor.values.withBytes { $0.withUnsafeBytes { content += $0 } } }
      var accepted = 0
      for seed in 1...3000 as ClosedRange<UInt64> {
        var random = SeededGenerator(seed: seed)
        let changed = mutated(content, &random)
        try write(sealed(changed), to: path)
        guard let read = try? CheckpointFile.read(path) else { continue }
        // Spaces, the order of members, names: what the digest does not cover.
        accepted += 1
        #expect(weightsDigest(of: read.tensors) == digest, "seed \(seed)")
      }
      #expect(accepted < 1500)
    }
  }

  /// A checkpoint of this content in one block of a frame, which needs no compressor.
  private func sealed(_ content: [UInt8]) -> [UInt8] {
    func littleEndian(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let frame =
      [0x28, 0xB5, 0x2F, 0xFD, 0xC0, 0x50] + littleEndian(content.count, 8) + littleEndian(content.count << 3 | 1, 3)
      + content
    var digest = SHA256Digest()
    digest.update(frame)
    return frame + FileSeal.bytes(sealing: digest.finish())
  }
}
