extension SHA256Digest {
  /// The digest of all bytes of the file `path` in hexadecimal, as `sha256sum` prints it, in memory that does not grow
  /// with the file.
  package static func hexadecimal(ofFile path: String) throws(FileError) -> String {
    let file = try FileDescriptor.reading(path)
    var digest = SHA256Digest()
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try file.read(into: &piece)
      digest.update(piece, 0..<count)
      if count < piece.count { return hexadecimal(digest.finish()) }
    }
  }
}
