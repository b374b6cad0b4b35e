import Foundation
import TestSupport
import Testing

/// The digest and the tensors as other people's tools see them.
@Suite("Checkpoints seen from outside")
struct DigestTests {
  static let zstd = program("zstd")

  /// Runs `body` with a checkpoint and the digest that its run has told.
  private func withCheckpoint(_ body: (_ place: Place, _ checkpoint: String, _ digest: String) throws -> Void) throws {
    let place = try Place()
    let outcome = try place.succeed("train", "config.yaml", "--output", "run", "--steps", "8", "--quiet", "--json")
    try body(
      place, place.path(outcome.json["checkpoint"] as? String ?? ""), outcome.json["weights_digest"] as? String ?? "")
    withExtendedLifetime(place) {}
  }

  /// The few lines of the documentation.
  @Test(.enabled(if: zstd != nil && PrivatePython.has("hashlib"), PrivatePython.excuse))
  func isRecomputedByPython() throws {
    let script = """
      import hashlib, json, struct, subprocess, sys
      data = subprocess.run(["zstd", "-dcq", sys.argv[1]], capture_output=True, check=True).stdout
      header = struct.unpack("<Q", data[:8])[0]
      print(hashlib.sha256(data[8 + header:]).hexdigest(), json.loads(data[8:8 + header])["__metadata__"]["weights_digest"])
      """
    try withCheckpoint { place, checkpoint, digest in
      let recomputed = try PrivatePython.run(["-c", script, checkpoint], in: place.folder).output
      #expect(recomputed == "\(digest) \(digest)\n")
      #expect(digest.count == 64)
    }
  }

  @Test(.enabled(if: zstd != nil && PrivatePython.has("safetensors.numpy"), PrivatePython.excuse))
  func isReadByTheSafetensorsPackage() throws {
    let script = """
      import sys
      from safetensors import safe_open
      with safe_open(sys.argv[1], framework="np") as file:
          weight = file.get_tensor("model.dense0.weight")
          moments = [name for name in file.keys() if name.startswith("optimizer.")]
          print(weight.shape, weight.dtype, len(moments) > 0, file.metadata()["step"])
      """
    let zstd = try #require(Self.zstd)
    try withCheckpoint { place, checkpoint, _ in
      let plain = place.path("plain.safetensors")
      let unpacked = try runProgram(zstd, ["-dq", checkpoint, "-o", plain])
      #expect(unpacked.status == 0)
      let read = try PrivatePython.run(["-c", script, plain], in: place.folder).output
      #expect(read == "(6, 12) float32 True 8\n")
    }
  }
}
