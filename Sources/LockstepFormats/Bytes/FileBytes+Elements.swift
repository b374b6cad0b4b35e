import LockstepKernels

// Numbers out of bytes: the loops that turn a row of a file into float32. Their pointers stay here.

extension FileBytes {
  /// Converts elements into `row`, as many as it holds, with `float` from the little-endian pattern of bits.
  @inline(__always)
  func read<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ place: Elements, into row: Vector, _ float: (Bits) -> Float
  ) {
    let (size, count) = (MemoryLayout<Bits>.size, row.count)
    guard count > 0 else { return }
    precondition(
      place.start >= 0 && place.start + (count - 1) * place.stride + size <= self.count, "bytes outside the file")
    row.withMutableBytes { bytes in
      unsafe bytes.withUnsafeMutableBytes { target in
        let values = unsafe target.assumingMemoryBound(to: Float.self)
        var source = unsafe base + place.start
        for plane in 0..<place.planes {
          for i in stride(from: plane, to: count, by: place.planes) {
            let bits = unsafe source.loadUnaligned(as: Bits.self)
            let value = float(place.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
            unsafe values[i] = place.divisor == 1 ? value : value / place.divisor
            unsafe source += place.stride
          }
        }
      }
    }
  }

  /// Hands `count` elements to `body`, one by one, each with its column, with `double` from the little-endian pattern
  /// of bits.
  @inline(__always)
  func forEach<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ place: Elements, _ count: Int, _ double: (Bits) -> Double, _ body: (Int, Double) -> Void
  ) {
    guard count > 0 else { return }
    precondition(
      place.start >= 0 && place.start + (count - 1) * place.stride + MemoryLayout<Bits>.size <= self.count,
      "bytes outside the file")
    var source = unsafe base + place.start
    for plane in 0..<place.planes {
      for i in stride(from: plane, to: count, by: place.planes) {
        let bits = unsafe source.loadUnaligned(as: Bits.self)
        let value = double(place.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
        body(i, place.divisor == 1 ? value : value / Double(place.divisor))
        unsafe source += place.stride
      }
    }
  }

  /// Copies float32 elements that stand one after the other.
  func copy(at start: Int, into row: Vector) {
    row.withMutableBytes { bytes in
      precondition(start >= 0 && start + bytes.byteCount <= count, "bytes outside the file")
      unsafe bytes.withUnsafeMutableBytes { unsafe $0.copyMemory(from: .init(start: base + start, count: $0.count)) }
    }
  }
}

// MARK: Telling contents apart

extension FileBytes {
  /// The largest file whose `digest` takes in every byte.
  package static let wholeDigestLimit = 1 << 30

  /// SHA-256 of the bytes, in hexadecimal. Of a larger file only its size, its first and last mebibyte and 4,096 pieces
  /// of 16 KiB at even distances are looked at: reading 20 GB for it would take longer than it is worth. A change
  /// between the pieces is then not seen.
  package func digest() -> String {
    var digest = SHA256Digest()
    func take(_ range: Range<Int>) { withBytes(range) { digest.update($0) } }
    if count <= Self.wholeDigestLimit {
      take(0..<count)
    } else {
      digest.update(Array("\(count)".utf8))
      take(0..<1 << 20)
      let (pieces, size) = (4096, 16 << 10)
      for piece in 0..<pieces {
        let start = (count - size) / pieces * piece
        take(start..<start + size)
      }
      take(count - 1 << 20..<count)
    }
    return SHA256Digest.hexadecimal(digest.finish())
  }
}
