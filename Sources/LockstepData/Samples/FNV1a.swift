/// The 64-bit hash FNV-1a (Fowler, Noll, Vo 1991), a word at a time: what fingerprints say of lists of numbers.
enum FNV1a {
  static let start: UInt64 = 0xCBF2_9CE4_8422_2325

  static func hash(_ words: some Sequence<some UnsignedInteger>, from hash: UInt64 = start) -> UInt64 {
    words.reduce(hash) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
