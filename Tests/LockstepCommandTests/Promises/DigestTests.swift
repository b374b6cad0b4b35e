import Foundation
import Testing

/// The digest and the tensors as other people's tools see them.
@Suite("Promises: the file seen from outside")
struct DigestTests {
  static let zstd = program("zstd")
  static let python = program("python3")
  /// Made by tools/python, with the packages of Tests/Fixtures/python-requirements.txt.
  static let packages: String? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized.path
    let python = "\(root)/.build/python/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    return (try? runProgram(python, ["-c", "import safetensors.numpy"]))?.status == 0 ? python : nil
  }()

  /// Runs `body` with a checkpoint and the digest that its run has told.
  private func withCheckpoint(_ body: (_ place: Place, _ checkpoint: String, _ digest: String) throws -> Void) throws {
    let place = try Place()
    let outcome = try place.succeed("train", "config.yaml", "--output", "run", "--steps", "8", "--quiet", "--json")
    try body(
      place, place.path(outcome.json["checkpoint"] as? String ?? ""), outcome.json["weights_digest"] as? String ?? "")
    withExtendedLifetime(place) {}
  }

  /// The few lines of the documentation.
  @Test(.enabled(if: zstd != nil && python != nil, "zstd and python3 are not on PATH"))
  func isRecomputedByPython() throws {
    let script = """
      import hashlib, json, struct, subprocess, sys
      data = subprocess.run(["zstd", "-dcq", sys.argv[1]], capture_output=True, check=True).stdout
      header = struct.unpack("<Q", data[:8])[0]
      print(hashlib.sha256(data[8 + header:]).hexdigest(), json.loads(data[8:8 + header])["__metadata__"]["weights_digest"])
      """
    let python = try #require(Self.python)
    try withCheckpoint { _, checkpoint, digest in
      let recomputed = try runProgram(python, ["-c", script, checkpoint]).output
      #expect(recomputed == "\(digest) \(digest)\n")
      #expect(digest.count == 64)
    }
  }

  @Test(.enabled(if: zstd != nil && packages != nil, "tools/python has not been run, or zstd is missing"))
  func isReadByTheSafetensorsPackage() throws {
    let script = """
      import sys
      from safetensors import safe_open
      with safe_open(sys.argv[1], framework="np") as file:
          weight = file.get_tensor("model.dense0.weight")
          moments = [name for name in file.keys() if name.startswith("optimizer.")]
          print(weight.shape, weight.dtype, len(moments) > 0, file.metadata()["step"])
      """
    let (zstd, python) = (try #require(Self.zstd), try #require(Self.packages))
    try withCheckpoint { place, checkpoint, _ in
      let plain = place.path("plain.safetensors")
      let unpacked = try runProgram(zstd, ["-dq", checkpoint, "-o", plain])
      #expect(unpacked.status == 0)
      let read = try runProgram(python, ["-c", script, plain]).output
      #expect(read == "(6, 12) float32 True 8\n")
    }
  }
}
