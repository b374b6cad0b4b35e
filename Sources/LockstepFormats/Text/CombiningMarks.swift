/// Bounds the combining marks of text from outside, before it is compared or hashed.
///
/// Swift compares and hashes strings by their canonical forms, for which the marks on one letter are sorted in a time
/// that grows with the square of their number: a megabyte of them takes minutes. Unicode's Stream-Safe Text Format
/// allows 30 in a row, and no language has words with more than a few:
/// https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
package struct CombiningMarks {
  package static let mostInARow = 30

  private var inARow = 0

  package static func contain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
  }

  /// Whether `text` can be compared and hashed in a time that grows with its length.
  package static func areFew(in text: String) -> Bool {
    // The first mark is U+0300, whose first byte is 0xCC.
    if text.utf8.allSatisfy({ $0 < 0xCC }) { return true }
    var marks = CombiningMarks()
    return text.unicodeScalars.allSatisfy { marks.allow($0) }
  }

  private mutating func allow(_ scalar: Unicode.Scalar) -> Bool {
    inARow = Self.contain(scalar) ? inARow + 1 : 0
    return inARow <= Self.mostInARow
  }
}

/// Text from outside as a key. Swift compares strings by what Unicode takes for the same; names of a file are the same
/// only where their bytes are.
package struct ByteText: Hashable, Sendable {
  let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: ByteText, b: ByteText) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  package func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
