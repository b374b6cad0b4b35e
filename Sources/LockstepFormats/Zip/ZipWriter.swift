import LockstepKernels

/// Writes a zip file of stored members: uncompressed, each with its checksum (PKWARE's APPNOTE.TXT 6.3, sections 4.3.7,
/// 4.3.12 and 4.3.16).
///
/// Times are those of zip's epoch, so that equal members make equal files.
package struct ZipWriter: ~Copyable {
  /// Most bytes of an archive: sizes and offsets have 32 bits.
  package static let mostBytes = Int(UInt32.max) - 1
  /// Most members of an archive: their number has 16 bits.
  package static let mostMembers = Int(UInt16.max) - 1
  /// Bytes of a member's two headers, without the name that stands in both.
  package static let overhead = 30 + 46
  /// 1 January 1980, midnight.
  private static let time: [UInt8] = [0, 0, 0x21, 0]
  /// Zip 2.0, no flags, method 0: stored.
  private static let kind: [UInt8] = [20, 0, 0, 0, 0, 0]

  private var file: TemporaryFile
  private var directory: [UInt8] = []
  private var members = 0
  /// Bytes that stand in the file so far.
  package private(set) var size = 0

  package init(replacing path: String) throws(FileError) { file = try TemporaryFile(replacing: path) }

  /// Adds a member whose bytes are `start` and then `rest`. All members together must have fewer than `mostBytes`.
  package mutating func add(_ name: String, _ start: [UInt8], _ rest: RawSpan) throws(FileError) {
    var checksum = CRC32()
    unsafe checksum.update(start.span.bytes)
    checksum.update(rest)
    let length = UInt32(start.count + rest.byteCount)
    let name = Array(name.utf8)
    // What both headers say: the two lengths are those of the compressed and of the plain bytes; no extra field.
    let shared =
      Self.kind + Self.time + Self.bytes(checksum.value) + Self.bytes(length) + Self.bytes(length)
      + Self.bytes(UInt16(name.count)) + [0, 0]
    // No comment, disk 0, no attributes.
    directory += Self.bytes(0x0201_4B50 as UInt32) + [20, 0] + shared + [UInt8](repeating: 0, count: 10)
    directory += Self.bytes(UInt32(size)) + name
    members += 1
    try write(Self.bytes(0x0403_4B50 as UInt32) + shared + name + start)
    try file.write(rest)
    size += rest.byteCount
  }

  /// Writes the directory, and puts the file in its place; see `TemporaryFile.commit`.
  package mutating func commit() throws(FileError) {
    let count = Self.bytes(UInt16(members))
    let end =
      Self.bytes(0x0605_4B50 as UInt32) + [0, 0, 0, 0] + count + count + Self.bytes(UInt32(directory.count))
      + Self.bytes(UInt32(size)) + [0, 0]
    try write(directory + end)
    try file.commit()
  }

  private mutating func write(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes, 0..<bytes.count)
    size += bytes.count
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
