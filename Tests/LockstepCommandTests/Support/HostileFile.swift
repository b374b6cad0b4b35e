@testable import LockstepFormats

/// Files that are sealed as checkpoints are, and made to break whoever reads them: zstd frames put together by hand, so
/// that a few bytes stand for gigabytes.
enum HostileFile {
  /// A frame (RFC 8878) of `start` as it is and `zeros` bytes more, which take 4 bytes for every 128 KiB.
  ///
  /// - Parameter promised: what the frame's header says of its content; nil for nothing.
  static func frame(_ start: [UInt8], zeros: Int = 0, promising promised: Int?) -> [UInt8] {
    let block = 1 << 17
    // Magic number; whether 8 bytes of content size follow; a window of 1 MiB.
    var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, promised == nil ? 0x00 : 0xC0, 0x50]
    if let promised { frame += littleEndian(promised, bytes: 8) }
    for first in stride(from: 0, to: start.count, by: block) {
      let raw = start[first..<min(first + block, start.count)]
      frame += littleEndian(raw.count << 3, bytes: 3) + raw
    }
    for first in stride(from: 0, to: zeros, by: block) {
      frame += littleEndian(min(block, zeros - first) << 3 | 1 << 1, bytes: 3) + [0]
    }
    // An empty last block.
    return frame + [1, 0, 0]
  }

  /// `bytes` and the seal that makes them a checkpoint for all who do not look inside.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var digest = SHA256Digest()
    digest.update(bytes)
    return bytes + FileSeal.bytes(sealing: digest.finish())
  }

  /// A safetensors file of this header and nothing after it.
  static func safetensors(_ header: String, length: Int? = nil) -> [UInt8] {
    littleEndian(length ?? header.utf8.count, bytes: 8) + header.utf8
  }

  /// A sealed checkpoint of this header and `zeros` bytes of tensors.
  static func checkpoint(_ header: String, zeros: Int = 0) -> [UInt8] {
    let start = safetensors(header)
    return sealed(frame(start, zeros: zeros, promising: start.count + zeros))
  }

  /// A header of these members besides metadata.
  static func header(_ members: String..., metadata: [String: String] = ["format_version": "1"]) -> String {
    var text = "{"
    JSONValue.appendString("__metadata__", to: &text)
    text += ":" + JSONValue.object(object(metadata)).text
    return text + members.map { ",\($0)" }.joined() + "}"
  }

  /// A float32 tensor of the bytes `start..<start + 4 * count`.
  static func tensor(_ name: String, count: Int, from start: Int = 0) -> String {
    "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(count)],\"data_offsets\":[\(start),\(start + 4 * count)]}"
  }

  private static func object(_ texts: [String: String]) -> JSONObject {
    var object = JSONObject()
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) { object[name] = .string(text) }
    return object
  }

  private static func littleEndian(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
