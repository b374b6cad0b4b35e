/// Reads files of pictures, one after the other, into memory that serves all of them: no more than the largest file and
/// the largest picture take. The libraries that decode take memory of their own for each picture, and give it back.
package struct PictureReader: Sendable {
  /// The picture that was read last.
  package private(set) var picture = Picture()
  /// Of a picture that is brought to a size: what the file holds.
  private var whole = Picture()
  private var file: [UInt8] = []
  private let channels: Int?
  private var resizer: PictureResizer?

  /// Most bytes of a file: many times what its most pixels take.
  private static let mostBytes = 1 << 30

  /// - Parameters:
  ///   - channels: 1 or 3, whatever the files have; nil for what each has.
  ///   - resizer: for the size of all; nil for what each has.
  package init(channels: Int? = nil, resizer: PictureResizer? = nil) {
    (self.channels, self.resizer) = (channels, resizer)
  }

  /// Reads the picture in the file `path`.
  package mutating func read(_ path: String) throws(DataFileError) { try decode(count: load(path), path) }

  /// Reads what the file `path` says of its picture, and nothing of the picture itself.
  package mutating func header(of path: String) throws(DataFileError) -> PictureHeader {
    let count = try load(path)
    return unsafe try PictureHeader(file.span.extracting(first: count).bytes, of: path)
  }

  /// The same, and the SHA-256 of all bytes of the file.
  package mutating func headerAndHash(
    of path: String
  ) throws(DataFileError) -> (header: PictureHeader, hash: [UInt8]) {
    let count = try load(path)
    var digest = SHA256Digest()
    digest.update(file, 0..<count)
    return (unsafe try PictureHeader(file.span.extracting(first: count).bytes, of: path), digest.finish())
  }

  private mutating func decode(count: Int, _ path: String) throws(DataFileError) {
    // Another reference to the same memory, so that it may be read while other parts of this value are written.
    let file = file
    let bytes = file.span.extracting(first: count)
    guard resizer != nil else { return unsafe try picture.decode(bytes.bytes, of: path, channels: channels) }
    unsafe try whole.decode(bytes.bytes, of: path, channels: channels)
    if resizer?.resize(whole, into: &picture) == false { swap(&whole, &picture) }
  }

  /// Reads the bytes of the file into memory.
  ///
  /// - Returns: how many there are.
  private mutating func load(_ path: String) throws(DataFileError) -> Int {
    let descriptor = try DataFileError.wrapping { () throws(FileError) in try FileDescriptor.reading(path) }
    let size = try DataFileError.wrapping { () throws(FileError) in try descriptor.size }
    guard size <= Self.mostBytes else {
      throw DataFileError(path, found: "\(Format.bytes(size))", expected: "a picture, of at most 1 GiB")
    }
    if file.count <= size { file = [UInt8](repeating: 0, count: size + size / 4 + 1) }
    return try DataFileError.wrapping { () throws(FileError) in try descriptor.read(into: &file) }
  }
}
