extension JSONScanner {
  /// Takes a string.
  mutating func string() throws(JSONError) -> String {
    guard take("\"") else { throw error("found \(found()), expected a string") }
    let start = position
    var text: [UInt8] = []
    var copied = start
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        text.append(contentsOf: bytes[copied..<position])
        skip(1)
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("a string is not UTF-8", at: start)
        }
        guard CombiningMarks.areFew(in: string) else {
          throw error("a string has more than \(CombiningMarks.mostInARow) combining marks in a row", at: start)
        }
        return string
      case UInt8(ascii: "\\"):
        text.append(contentsOf: bytes[copied..<position])
        skip(1)
        try escape(into: &text)
        copied = position
      case 0..<0x20:
        throw error("a string holds the control character \(byte)")
      default:
        skip(1)
      }
    }
    throw error("a string does not end", at: start)
  }

  /// Takes a string without a look at what it says.
  mutating func skipString() throws(JSONError) {
    let start = position
    try expect("\"")
    while let byte = current {
      if byte == UInt8(ascii: "\"") { return skip(1) }
      // Whatever stands after a backslash, a quotation mark too, does not end the string.
      skip(byte == UInt8(ascii: "\\") ? 2 : 1)
    }
    throw error("a string does not end", at: start)
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard let letter = current else { throw error("a string does not end") }
    skip(1)
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text.append(contentsOf: UTF8.encode(try unicodeEscape()).map(Array.init) ?? [])
    default: throw error("a string holds an unknown escape", at: position - 1)
    }
  }

  /// What stands after `\u`: four digits, or a pair of surrogates.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position
    var code = try fourDigits()
    if (0xD800..<0xDC00).contains(code), current == UInt8(ascii: "\\") {
      skip(1)
      guard current == UInt8(ascii: "u") else { throw error("half of a surrogate pair", at: start) }
      skip(1)
      let low = try fourDigits()
      guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair", at: start) }
    return scalar
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Self.hexadecimalDigit(byte) else {
        throw error("found \(found()), expected four hexadecimal digits")
      }
      code = code << 4 | digit
      skip(1)
    }
    return code
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
