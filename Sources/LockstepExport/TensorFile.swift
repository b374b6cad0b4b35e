import LockstepFiles

/// Writes tensors by name, so that the finished file appears at once or not at all.
enum TensorFile {
  static func writeSafetensors(
    _ tensors: [NamedTensor], _ metadata: [String: String], to path: String
  ) throws(RunError) {
    let start: [UInt8]
    do throws(SafetensorsError) {
      start = try SafetensorsHeader(metadata: metadata, tensors: tensors.map { ($0.name, $0.shape) }).encoded()
    } catch {
      throw .input("\(path): \(error)")
    }
    var file = try opening { () throws(FileError) in try TemporaryFile(replacing: path) }
    try writing { () throws(FileError) in
      try file.write(start, 0..<start.count)
      for tensor in tensors { try unsafe file.write(tensor.values.span.bytes) }
      try file.commit()
    }
  }

  /// A file for `numpy.load`.
  static func writeNPZ(_ tensors: [NamedTensor], to path: String) throws(RunError) {
    let members = tensors.map { (name: "\($0.name).npy", header: NumPyHeader.float32(shape: $0.shape), tensor: $0) }
    let bytes = members.reduce(0) {
      $0 + $1.header.count + 4 * $1.tensor.values.count + 2 * $1.name.utf8.count + ZipWriter.overhead
    }
    guard bytes < ZipWriter.mostBytes, members.count <= ZipWriter.mostMembers else {
      throw .input(
        "\(path): the model has \(members.count) tensors of \(bytes) bytes in all, and a zip file holds at most \(ZipWriter.mostMembers) of fewer than 4 GiB; "
          + "take .safetensors")
    }
    var file = try opening { () throws(FileError) in try ZipWriter(replacing: path) }
    try writing { () throws(FileError) in
      for member in members { try unsafe file.add(member.name, member.header, member.tensor.values.span.bytes) }
      try file.commit()
    }
  }

  static func write(_ bytes: [UInt8], to path: String) throws(RunError) {
    var file = try opening { () throws(FileError) in try TemporaryFile(replacing: path) }
    try writing { () throws(FileError) in
      try file.write(bytes, 0..<bytes.count)
      try file.commit()
    }
  }

  /// A folder that cannot be written to is the wrong one.
  private static func opening<File: ~Copyable>(_ body: () throws(FileError) -> File) throws(RunError) -> File {
    do throws(FileError) { return try body() } catch { throw .input("\(error)") }
  }

  private static func writing(_ body: () throws(FileError) -> Void) throws(RunError) {
    do throws(FileError) { try body() } catch { throw .failed("\(error)") }
  }
}
