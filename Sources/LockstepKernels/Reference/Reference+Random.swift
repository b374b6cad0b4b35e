import Libc

/// Counter-based random numbers — Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
extension Reference {
  /// Philox4x32-10. A round multiplies words 0 and 2 by constants; the high halves, mixed with words 1 and 3 and the
  /// key, become words 0 and 2, the low halves words 1 and 3. The key grows by a constant each round.
  package static func philox4x32(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p = UInt64(0xD251_1F53) * UInt64(c[0])
      let q = UInt64(0xCD9E_8D57) * UInt64(c[2])
      c = [
        UInt32(truncatingIfNeeded: q >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: q),
        UInt32(truncatingIfNeeded: p >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p),
      ]
      k[0] &+= 0x9E37_79B9
      k[1] &+= 0xBB67_AE85
    }
    return c
  }

  /// Element e of the stream (key, counter): of the block with the counter (e / 32 · 8 + e mod 8, c₀, c₁, c₂) the word
  /// (e mod 32) / 8.
  package static func word(_ element: Int, key: [UInt32], counter: [UInt32]) -> UInt32 {
    block(of: element, key: key, counter: counter)[element % 32 / 8]
  }

  /// The upper 24 bits of a word as a fraction in [0, 1).
  package static func uniform(_ element: Int, key: [UInt32], counter: [UInt32]) -> Double {
    Double(word(element, key: key, counter: counter) >> 8) / 16_777_216
  }

  /// N(0, 1): of a block's words the pairs (w₀, w₁) and (w₂, w₃) each give √(−2 ln u) · (cos, sin)(2π v) with
  /// u = (w₀ + ½) / 2³², v = w₁ / 2³²; cosine in the pair's first word's place, sine in its second's — Box, Muller 1958
  package static func normal(_ element: Int, key: [UInt32], counter: [UInt32]) -> Double {
    let words = block(of: element, key: key, counter: counter)
    let place = element % 32 / 8
    let first = place / 2 * 2
    let radius = (-2 * log((Double(words[first]) + 0.5) / 4_294_967_296)).squareRoot()
    let angle = 2 * Double.pi * Double(words[first + 1]) / 4_294_967_296
    return radius * (place == first ? cos(angle) : sin(angle))
  }

  private static func block(of element: Int, key: [UInt32], counter: [UInt32]) -> [UInt32] {
    philox4x32(counter: [UInt32(truncatingIfNeeded: element / 32 * 8 + element % 8)] + counter, key: key)
  }
}
