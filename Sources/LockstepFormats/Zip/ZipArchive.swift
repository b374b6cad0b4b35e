/// The members of a zip archive, which is what an `.npz` file is — APPNOTE.TXT of PKWARE, version 6.3; archives above 4
/// GiB (zip64) too.
///
/// A stored member is read where it stands in the archive; a compressed one is unpacked into memory.
package struct ZipArchive {
  package struct Member: Equatable {
    package var name: String
    package var method: Int
    var checksum: UInt32
    var packed: Int
    var size: Int
    var headerOffset: Int
  }

  let bytes: FileBytes
  package let members: [Member]

  private static let endSize = 22
  private static let entrySize = 46
  private static let localSize = 30
  private static let mostMembers = 10_000

  package init(_ bytes: FileBytes) throws(DataFileError) {
    self.bytes = bytes
    guard bytes.count >= Self.endSize, bytes.copy(0..<4).starts(with: [0x50, 0x4B]) else {
      throw DataFileError(bytes.path, found: "bytes that are not a zip archive's", expected: "an .npz file")
    }
    let directory = try Self.directory(bytes)
    members = try Self.members(bytes, directory)
  }

  /// The bytes of a member: where they stand, in this archive or in memory of their own.
  package func content(of member: Member) throws(DataFileError) -> (bytes: FileBytes, range: Range<Int>) {
    let local = bytes.copy(try range(member.headerOffset, Self.localSize, "the header of \(member.name)"))
    guard local.starts(with: [0x50, 0x4B, 3, 4]) else { throw wrong("no header at \(member.name)") }
    if local[6] & 1 != 0 { throw wrong("the encrypted member \(member.name)") }
    let start = member.headerOffset + Self.localSize + Self.integer(local, 26, 2) + Self.integer(local, 28, 2)
    let packed = try range(start, member.packed, member.name)
    switch member.method {
    case 0:
      guard member.size == member.packed else { throw wrong("two sizes of \(member.name)") }
      return (bytes, packed)
    case 8: return try unpacked(member, packed)
    default: throw wrong("\(member.name) compressed by method \(member.method)")
    }
  }

  private func unpacked(_ member: Member, _ packed: Range<Int>) throws(DataFileError) -> (FileBytes, Range<Int>) {
    // Deflate packs at most 1,032 bytes into one: a member that promises more lies, and gets no memory.
    guard member.size / 1032 <= member.packed else {
      throw wrong("\(member.size) bytes of \(member.name) in \(member.packed)")
    }
    let inflater = try Inflater(.raw, for: bytes.path)
    var content = GrowingBytes(for: bytes.path, capacity: min(member.size, 1 << 26))
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var (position, checksum) = (0, UInt32(0))
    while !inflater.isComplete {
      var filled = 0
      let before = position
      let problem = bytes.withBytes(packed) {
        inflater.inflate($0, from: &position, into: &buffer, filled: &filled)
      }
      if let problem { throw wrong("damaged bytes of \(member.name): \(problem)") }
      guard filled > 0 || position > before || inflater.isComplete, content.count + filled <= member.size else {
        throw wrong("\(member.name) of another size than the archive says")
      }
      checksum = unsafe Inflater.checksum(buffer.span.extracting(first: filled).bytes, after: checksum)
      unsafe try content.append(buffer.span.extracting(first: filled).bytes)
    }
    guard content.count == member.size, checksum == member.checksum else {
      throw wrong("\(member.name) that does not agree with its checksum")
    }
    let size = content.count
    return (try FileBytes(content), 0..<size)
  }

  /// Where the directory stands, from the record at the end of the file.
  private static func directory(_ bytes: FileBytes) throws(DataFileError) -> (offset: Int, size: Int, count: Int) {
    // A comment of at most 65,535 bytes may follow the record.
    let start = max(0, bytes.count - endSize - 65_535)
    let tail = bytes.copy(start..<bytes.count)
    var place = tail.count - endSize
    while place >= 0, !tail[place...].starts(with: [0x50, 0x4B, 5, 6]) { place -= 1 }
    guard place >= 0 else {
      throw DataFileError(
        bytes.path, found: "a zip archive without a directory", expected: "a whole file", hint: "it may be cut off")
    }
    let end = Array(tail[place..<place + endSize])
    var result = (offset: integer(end, 16, 4), size: integer(end, 12, 4), count: integer(end, 10, 2))
    let locator = start + place - 20
    if locator >= 0, bytes.copy(locator..<locator + 4) == [0x50, 0x4B, 6, 7] {
      let offset = integer(bytes.copy(locator..<locator + 20), 8, 8)
      guard offset >= 0, offset <= locator - 56 else {
        throw DataFileError(bytes.path, found: "a zip64 directory outside the file", expected: "a whole file")
      }
      let record = bytes.copy(offset..<offset + 56)
      result = (integer(record, 48, 8), integer(record, 40, 8), integer(record, 32, 8))
    }
    guard result.offset >= 0, result.size >= 0, result.offset <= bytes.count,
      result.size <= bytes.count - result.offset,
      (0...mostMembers).contains(result.count)
    else { throw DataFileError(bytes.path, found: "a zip directory outside the file", expected: "a whole file") }
    return result
  }

  private static func members(
    _ bytes: FileBytes, _ directory: (offset: Int, size: Int, count: Int)
  ) throws(DataFileError) -> [Member] {
    let entries = bytes.copy(directory.offset..<directory.offset + directory.size)
    var members: [Member] = []
    var at = 0
    for _ in 0..<directory.count {
      guard at + entrySize <= entries.count, entries[at...].starts(with: [0x50, 0x4B, 1, 2]) else {
        throw DataFileError(bytes.path, found: "a damaged zip directory", expected: "an .npz file")
      }
      let (nameLength, extraLength) = (integer(entries, at + 28, 2), integer(entries, at + 30, 2))
      let next = at + entrySize + nameLength + extraLength + integer(entries, at + 32, 2)
      guard next <= entries.count else {
        throw DataFileError(bytes.path, found: "a damaged zip directory", expected: "an .npz file")
      }
      let name = String(decoding: entries[at + entrySize..<at + entrySize + nameLength], as: UTF8.self)
      var member = Member(
        name: name, method: integer(entries, at + 10, 2), checksum: UInt32(integer(entries, at + 16, 4)),
        packed: integer(entries, at + 20, 4), size: integer(entries, at + 24, 4),
        headerOffset: integer(entries, at + 42, 4))
      let extra = entries[at + entrySize + nameLength..<at + entrySize + nameLength + extraLength]
      member.takeLongSizes(Array(extra))
      members.append(member)
      at = next
    }
    return members
  }

  private func range(_ start: Int, _ count: Int, _ what: String) throws(DataFileError) -> Range<Int> {
    guard start >= 0, count >= 0, start <= bytes.count, count <= bytes.count - start else {
      throw wrong("\(what) outside the file")
    }
    return start..<start + count
  }

  private func wrong(_ found: String) -> DataFileError {
    DataFileError(bytes.path, found: found, expected: "an .npz file as numpy.savez writes it")
  }

  /// `count` bytes from `at` on, little-endian; negative where 64 bits do not hold it.
  static func integer(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
    var value: UInt64 = 0
    for i in (0..<count).reversed() { value = value << 8 | UInt64(bytes[at + i]) }
    return Int(truncatingIfNeeded: value)
  }
}

extension ZipArchive.Member {
  /// Sizes that do not fit 32 bits stand in an extra field, in this order, each only where it is needed.
  fileprivate mutating func takeLongSizes(_ extra: [UInt8]) {
    var at = 0
    while at + 4 <= extra.count {
      let (kind, length) = (ZipArchive.integer(extra, at, 2), ZipArchive.integer(extra, at + 2, 2))
      let end = at + 4 + length
      guard end <= extra.count else { return }
      if kind == 1 {
        var field = at + 4
        func next() -> Int? {
          guard field + 8 <= end else { return nil }
          defer { field += 8 }
          return ZipArchive.integer(extra, field, 8)
        }
        let none = 0xFFFF_FFFF
        if size == none { size = next() ?? size }
        if packed == none { packed = next() ?? packed }
        if headerOffset == none { headerOffset = next() ?? headerOffset }
        return
      }
      at = end
    }
  }
}
