import Foundation
import LockstepKernels
import LockstepRuns
import LockstepTraining
import TestSupport
import Testing

/// Reads checkpoints with the `zstd` program and a few lines of Python: what a user would do to check a digest.
@Suite("Checkpoints read by zstd and Python")
struct CheckpointReaderTests {
  private static let zstd = program("zstd")

  /// A number, an empty tensor, a single element, primes.
  private static func oddShapes() -> [Tensor] {
    let shapes: [[Int]] = [
      [], [0], [1], [1, 1, 1], [3, 0, 5], [2], [7], [13, 17], [1, 31], [31, 1], [2, 3, 5, 7], [1009],
    ]
    return shapes.enumerated().map { index, shape in
      let arena = Arena(count: shape.reduce(1, *))
      for place in 0..<arena.count { arena.all[place] = Float(place) / 3 - Float(index) }
      return Tensor(name: "model.\(index).weight", shape: shape, values: arena.all, owner: arena)
    }
  }

  private static let script = """
    import hashlib, json, struct, sys
    data = open(sys.argv[1], "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    body = data[8 + length:]
    metadata = header.pop("__metadata__")
    assert (8 + length) % 64 == 0
    end = 0
    for name, tensor in header.items():
        first, last = tensor["data_offsets"]
        count = 1
        for size in tensor["shape"]: count *= size
        assert tensor["dtype"] == "F32" and first == end and last - first == 4 * count, name
        end = last
    assert end == len(body)
    assert hashlib.sha256(body).hexdigest() == metadata["weights_digest"]
    print(len(header), metadata["text"], struct.unpack("<f", body[:4])[0], sep="|")
    """

  @Test(.enabled(if: zstd != nil && PrivatePython.has("hashlib"), PrivatePython.excuse))
  func digestAndValuesAgree() throws {
    guard let zstd = Self.zstd else { return }
    try withTemporaryFolder { folder in
      let tensors = Self.oddShapes()
      tensors[0].values[0] = 0.15625
      let path = "\(folder)/step-00000001.safetensors.zst"
      try CheckpointFile.write(CheckpointContent(tensors: tensors, metadata: ["text": "é\"😀"]), to: path)
      let test = try runProgram(zstd, ["-t", "-q", path])
      #expect(test.status == 0, "\(test.output)")
      let plain = "\(folder)/plain.safetensors"
      let unpacked = try runProgram(zstd, ["-d", "-q", path, "-o", plain])
      #expect(unpacked.status == 0, "\(unpacked.output)")
      let read = try PrivatePython.run(["-c", Self.script, plain], in: folder)
      #expect(read.output == "12|é\"😀|0.15625\n")
      #expect(read.status == 0)
    }
  }

  @Test(.enabled(if: zstd != nil, "zstd is not on PATH"))
  func theFrameSaysItsSizeAndHasAChecksum() throws {
    guard let zstd = Self.zstd else { return }
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.zst"
      try CheckpointFile.write(CheckpointContent(tensors: Self.oddShapes()), to: path)
      let list = try runProgram(zstd, ["-l", "-v", path])
      #expect(list.output.contains("XXH64"), "\(list.output)")
      #expect(
        list.output.contains("Skippable Frames: 1") || list.output.contains("# Skippable Frames: 1"), "\(list.output)")
    }
  }
}
