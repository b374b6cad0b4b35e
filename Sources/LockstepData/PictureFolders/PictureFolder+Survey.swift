import Dispatch
import LockstepFormats
import LockstepKernels

extension PictureFolder {
  /// What the files of a folder say of their pictures, and how they are told from others.
  struct Survey {
    /// SHA-256 of all names and of what the files hold.
    let digest: String
    /// The size of the first picture.
    let size: PictureSource.Size
    /// The first picture of another size than the first, and that size; nil where all have one.
    let other: (index: Int, size: PictureSource.Size)?
    /// Whether no picture has colours.
    let isGrey: Bool
    /// Of every picture.
    fileprivate let sizes: Slots<UInt64>

    /// The shorter side of a picture, in the middle of all.
    var usualSide: Int {
      let sides = (0..<sizes.count).map { min(sizes[$0] >> 32, sizes[$0] & 0xFFFF_FFFF) }.sorted()
      return Int(sides[sides.count / 2])
    }
  }

  /// Reads every file once, on all cores: its header and the hash of its bytes, not its pixels.
  ///
  /// - Throws: the first picture that cannot be read, and how many more there are.
  func survey() throws(DataFileError) -> Survey {
    let sizes = Slots<UInt64>(repeating: 0, count: count)
    let colors = Slots<Bool>(repeating: false, count: count)
    let hashes = Slots<UInt8>(repeating: 0, count: count * SHA256Digest.byteCount)
    try read(Array(0..<count), with: PictureReader()) { reader, index throws(DataFileError) in
      let (header, hash) = try reader.headerAndHash(of: file(of: index))
      sizes[index] = UInt64(header.height) << 32 | UInt64(header.width)
      colors[index] = header.channels > 1
      for (place, byte) in hash.enumerated() { hashes[index * SHA256Digest.byteCount + place] = byte }
    }
    var digest = SHA256Digest()
    for index in 0..<count {
      digest.update(Array(name(of: index).utf8) + [0])
      hashes.withSpan(index * SHA256Digest.byteCount..<(index + 1) * SHA256Digest.byteCount) {
        unsafe digest.update($0.bytes)
      }
    }
    func size(_ index: Int) -> PictureSource.Size {
      PictureSource.Size(height: Int(sizes[index] >> 32), width: Int(sizes[index] & 0xFFFF_FFFF))
    }
    return Survey(
      digest: SHA256Digest.hexadecimal(digest.finish()), size: size(0),
      other: (0..<count).first { sizes[$0] != sizes[0] }.map { ($0, size($0)) },
      isGrey: !(0..<count).contains { colors[$0] }, sizes: sizes)
  }

  /// Hands each of `pictures` to `body`, a block of them to each of the cores at a time, in any order.
  ///
  /// - Throws: what `body` throws for the first picture that it throws for.
  func read(
    _ pictures: [Int], with reader: PictureReader,
    _ body: @Sendable (inout PictureReader, Int) throws(DataFileError) -> Void
  ) throws(DataFileError) {
    let isBad = Slots<Bool>(repeating: false, count: pictures.count)
    let block = 32
    DispatchQueue.concurrentPerform(iterations: (pictures.count + block - 1) / block) { number in
      withFloatingPointEnvironment {
        var reader = reader
        for place in number * block..<min((number + 1) * block, pictures.count) {
          do throws(DataFileError) { try body(&reader, pictures[place]) } catch { isBad[place] = true }
        }
      }
    }
    let bad = pictures.indices.filter { isBad[$0] }.map { pictures[$0] }
    guard let first = bad.first else { return }
    // Read once more for its error: which one is told does not depend on which was met first.
    var reader = reader
    do throws(DataFileError) { try body(&reader, first) } catch {
      var error = error
      if bad.count > 1 {
        let names = bad.dropFirst().prefix(4).map { Display.plain(name(of: $0)) }.joined(separator: ", ")
        error.hint = "and \(Format.count(bad.count - 1)) more cannot be read: \(names)\(bad.count > 5 ? ", …" : "")"
      }
      throw error
    }
    throw DataFileError(
      file(of: first), found: "a file that could not be read, and now can", expected: "files that nobody changes")
  }
}
