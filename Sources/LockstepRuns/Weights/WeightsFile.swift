import LockstepFormats
import LockstepKernels

/// A safetensors file, by whomever it was written, whose tensors are read one after the other.
///
/// Its errors are sentences without the file's name, which the caller adds.
package struct WeightsFile: ~Copyable {
  package let header: SafetensorsHeader
  private let file: FileDescriptor
  private let dataStart: Int
  /// Elements that are in memory at the same time.
  private static let chunk = 1 << 18

  /// Kinds of files that are easily mistaken for one, by their first bytes.
  private static let others: [(magic: [UInt8], kind: String)] = [
    ([0x50, 0x4B, 3, 4], "a zip archive, as .npz and PyTorch's own files are"),
    (
      [0x28, 0xB5, 0x2F, 0xFD],
      "what zstd has packed; of a checkpoint `lockstep export CHECKPOINT --to model.safetensors` makes weights"
    ),
  ]

  /// What is wrong with such a file.
  package struct Problem: Error {
    package let text: String
    init(_ text: String) { self.text = text }
  }

  /// Reads the header, strictly, and holds the file's size against it.
  package init(_ path: String) throws(Problem) {
    let file = try Self.asProblem { () throws(FileError) in try FileDescriptor.reading(path) }
    let prefix = try Self.read(SafetensorsHeader.prefix, of: file)
    for (magic, kind) in Self.others where prefix.starts(with: magic) {
      throw Problem("found \(kind), expected a safetensors file")
    }
    let length = try Self.asProblem { () throws(SafetensorsError) in
      try SafetensorsHeader.length(fromPrefix: prefix)
    }
    let json = try Self.read(length, of: file)
    let header = try Self.asProblem { () throws(SafetensorsError) in
      try SafetensorsHeader(json: json)
    }
    let size = try Self.asProblem { () throws(FileError) in try file.size }
    let dataStart = SafetensorsHeader.prefix + length
    try Self.asProblem { () throws(SafetensorsError) in try header.expect(dataSize: size - dataStart) }
    self.file = file
    self.header = header
    self.dataStart = dataStart
  }

  /// Reads every tensor in the order of the file.
  ///
  /// - Parameter body: is given the tensor, the place of the first of some of its elements, and these; none where they
  ///   are no real numbers.
  /// - Returns: SHA-256 of all tensors' bytes, as a checkpoint's `weights_digest` is.
  func read(_ body: (TensorInfo, _ first: Int, [Float]) throws(Problem) -> Void) throws(Problem) -> String {
    var digest = SHA256Digest()
    try Self.asProblem { () throws(FileError) in try file.seek(to: dataStart) }
    for entry in header.entries {
      let size = entry.type?.size ?? 1
      let chunk = Self.chunk * size
      for first in stride(from: 0, to: entry.bytes.count, by: chunk) {
        let bytes = try Self.read(min(chunk, entry.bytes.count - first), of: file)
        digest.update(bytes, 0..<bytes.count)
        try body(entry.tensor, first / size, entry.type?.floats(bytes) ?? [])
      }
    }
    return SHA256Digest.hexadecimal(digest.finish())
  }

  private static func read(_ count: Int, of file: borrowing FileDescriptor) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try asProblem { () throws(FileError) in try file.read(into: &bytes) }
    if found < count { throw Problem("it ends within its header or its tensors") }
    return bytes
  }

  private static func asProblem<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Problem) -> Result {
    do throws(Failure) { return try body() } catch { throw Problem("\(error)") }
  }
}
