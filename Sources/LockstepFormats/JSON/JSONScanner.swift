/// Text that is not JSON (RFC 8259), or not the JSON that was expected.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Byte of the text, from 0, at which it was noticed.
  package let position: Int
  package let problem: String

  package var description: String { "at byte \(position): \(problem)" }
}

/// Walks over JSON text token by token: what a reader of one known document and the reader of any document share.
///
/// It is strict: no comments, no trailing commas, no numbers with leading zeros, no control characters or lone
/// surrogates in strings, UTF-8 only.
struct JSONScanner {
  let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int
  /// Bytes of such names that may still come; see `mostForeignNames`.
  private var foreignNames = Self.mostForeignNames

  /// Bytes of all members' names together that have letters beyond ASCII: they are compared and hashed by their
  /// canonical forms, which takes up to 300 ns a byte.
  static let mostForeignNames = 1 << 20

  /// Scans the bytes `range`.
  init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  func error(_ problem: String, at position: Int? = nil) -> JSONError {
    JSONError(position: position ?? self.position, problem: problem)
  }

  /// The next byte that is not white space, without taking it.
  mutating func peek() -> UInt8? {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Takes `character` if it comes next.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    if take(character) { return }
    throw error("found \(found()), expected '\(character)'")
  }

  /// Makes sure that only white space is left.
  mutating func expectEnd() throws(JSONError) {
    if peek() != nil { throw error("found \(found()) after the end") }
  }

  /// Takes `word` if it comes next.
  mutating func take(word: String) -> Bool {
    guard peek() == word.utf8.first else { return false }
    let after = position + word.utf8.count
    guard after <= end, bytes[position..<after].elementsEqual(word.utf8) else { return false }
    position = after
    return true
  }

  /// Takes an object up to the value of its next member, or to its end.
  ///
  /// - Parameter isFirst: true before the object's first member; becomes false.
  /// - Returns: the member's name, or nil at the end of the object.
  mutating func nextMember(_ isFirst: inout Bool) throws(JSONError) -> String? {
    guard try isNext(&isFirst, "{", "}") else { return nil }
    let start = position
    let name = try string()
    if name.utf8.contains(where: { $0 >= 0x80 }) { foreignNames -= name.utf8.count }
    if foreignNames < 0 {
      throw error("the names beyond ASCII have more than \(Self.mostForeignNames) bytes", at: start)
    }
    try expect(":")
    return name
  }

  /// Takes an array up to its next element, or to its end.
  ///
  /// - Parameter isFirst: true before the array's first element; becomes false.
  /// - Returns: false at the end of the array.
  mutating func nextElement(_ isFirst: inout Bool) throws(JSONError) -> Bool {
    try isNext(&isFirst, "[", "]")
  }

  private mutating func isNext(
    _ isFirst: inout Bool, _ opening: Unicode.Scalar, _ closing: Unicode.Scalar
  ) throws(JSONError) -> Bool {
    if isFirst {
      isFirst = false
      try expect(opening)
      return !take(closing)
    }
    if take(closing) { return false }
    try expect(",")
    return true
  }

  /// Takes an integer: digits after an optional minus, no fraction, no exponent.
  mutating func integer() throws(JSONError) -> Int {
    let (text, isInteger, start) = try numberText()
    guard isInteger else { throw error("found \(text), expected an integer", at: start) }
    guard let value = Int(text) else { throw error("the integer \(text) is out of range", at: start) }
    return value
  }

  /// Takes a number: an integer where it is written as one and fits, else a Double.
  mutating func number() throws(JSONError) -> JSONValue {
    let (text, isInteger, start) = try numberText()
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw error("the number \(text) is out of range", at: start) }
    return .number(value)
  }

  /// What comes next, for a message.
  mutating func found() -> String {
    guard let byte = peek() else { return "the end" }
    return (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
  }

  private mutating func numberText() throws(JSONError) -> (text: String, isInteger: Bool, start: Int) {
    let (start, isInteger) = try skipNumber()
    return (String(decoding: bytes[start..<position], as: UTF8.self), isInteger, start)
  }

  /// Takes a number without a look at its value.
  ///
  /// - Returns: where it begins, and whether it is written as an integer.
  @discardableResult
  mutating func skipNumber() throws(JSONError) -> (start: Int, isInteger: Bool) {
    guard peek() != nil else { throw error("found the end, expected a number") }
    let start = position
    var isInteger = true
    if current == UInt8(ascii: "-") { position += 1 }
    let leading = position
    try digits(expectedAt: start)
    if bytes[leading] == UInt8(ascii: "0") && position - leading > 1 {
      throw error("a number begins with a superfluous zero", at: start)
    }
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits(expectedAt: start)
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits(expectedAt: start)
    }
    guard position - start <= 1000 else { throw error("a number of \(position - start) characters", at: start) }
    return (start, isInteger)
  }

  private mutating func digits(expectedAt start: Int) throws(JSONError) {
    let first = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    if position == first { throw error("found \(found()), expected a digit of a number", at: start) }
  }

  /// The next byte, white space included.
  var current: UInt8? { position < end ? bytes[position] : nil }

  mutating func skip(_ count: Int) { position += count }
}
