import Foundation
import Lockstep

/// Checkpoints that are whole and sealed, and say something else than what was trained.
enum Forgery {
  /// Writes the checkpoint `source` to `target` with some of its metadata changed; nil takes a text away.
  static func copy(_ source: String, to target: String, changing changes: [String: String?]) throws {
    let checkpoint = try CheckpointFile.read(source)
    var metadata = checkpoint.metadata
    for (key, value) in changes { metadata[key] = value }
    let header = try SafetensorsHeader(metadata: metadata, tensors: checkpoint.tensors.map(\.info))
    var bytes = try header.encoded()
    for tensor in checkpoint.tensors {
      for value in tensor.values.array {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    var file = try SealedZstdWriter(replacing: target, contentSize: bytes.count, level: 1)
    try file.write(bytes)
    try file.commit()
  }
}
