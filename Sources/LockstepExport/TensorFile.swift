import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

/// Writes tensors by name, so that the finished file appears at once or not at all.
enum TensorFile {
  static func writeSafetensors(
    _ tensors: [NamedTensor], _ metadata: [String: String], to path: String
  ) throws(RunError) {
    let start: [UInt8]
    do throws(SafetensorsError) {
      start = try SafetensorsHeader(metadata: metadata, tensors: tensors.map(\.info)).encoded()
    } catch {
      throw .input("\(path): \(error)")
    }
    var file = try opening { () throws(FileError) in try TemporaryFile(replacing: path) }
    try writing { () throws(FileError) in
      try file.write(start, 0..<start.count)
      for tensor in tensors { try tensor.withBytes { bytes throws(FileError) in try file.write(bytes) } }
      try file.commit()
    }
  }

  /// A file for `numpy.load`.
  ///
  /// - Parameter text: a member that is no array, which comes as its bytes.
  static func writeNPZ(
    _ tensors: [NamedTensor], text: (name: String, content: String), to path: String
  ) throws(RunError) {
    let members = tensors.map {
      (
        name: "\($0.info.name).npy",
        header: NPYHeader.encoded($0.type == .float64 ? "<f8" : "<f4", shape: $0.info.shape), tensor: $0
      )
    }
    let content = Array(text.content.utf8)
    let bytes = members.reduce(content.count + 2 * text.name.utf8.count + ZipWriter.overhead) {
      $0 + $1.header.count + $1.tensor.type.size * $1.tensor.info.count + 2 * $1.name.utf8.count + ZipWriter.overhead
    }
    guard bytes < ZipWriter.mostBytes, members.count < ZipWriter.mostMembers else {
      throw .input(
        "\(path): the model has \(members.count) tensors of \(bytes) bytes in all, and a zip file holds at most \(ZipWriter.mostMembers) of fewer than 4 GiB; "
          + "take .safetensors")
    }
    var file = try opening { () throws(FileError) in try ZipWriter(replacing: path) }
    try writing { () throws(FileError) in
      for member in members {
        try member.tensor.withBytes { bytes throws(FileError) in try file.add(member.name, member.header, bytes) }
      }
      try unsafe file.add(text.name, content, [UInt8]().span.bytes)
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
