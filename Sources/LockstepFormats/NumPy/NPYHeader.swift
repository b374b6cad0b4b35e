/// The header of a NumPy array file — https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
///
/// ```
/// 93 4E 55 4D 50 59   magic, "\x93NUMPY"
/// major minor         version: 1.0, 2.0, 3.0
/// length              of the header: 2 bytes (version 1) or 4, little-endian
/// header              {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, then blanks and a line end
/// elements
/// ```
package struct NPYHeader: Equatable {
  package var type: ElementType
  var isBigEndian: Bool
  var isFortran: Bool
  package var shape: [Int]
  /// Bytes from the file's first to that of the first element.
  var dataOffset: Int

  /// Bytes of the longest header that is read; NumPy, too, refuses longer ones unless told otherwise.
  private static let longest = 10_000
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// - Parameter range: where in `bytes` the file stands; all of it, but for a member of an archive.
  package init(_ bytes: FileBytes, _ range: Range<Int>, name: String) throws(DataFileError) {
    func wrong(_ found: String, _ expected: String) -> DataFileError {
      DataFileError(name, place: "header", found: found, expected: expected)
    }
    let start = bytes.copy(range.lowerBound..<min(range.lowerBound + 12, range.upperBound))
    guard start.count >= 10, start.starts(with: Self.magic) else {
      throw wrong("bytes that are not NumPy's", "a file that begins with \\x93NUMPY")
    }
    guard (1...3).contains(start[6]) else { throw wrong("version \(start[6]).\(start[7])", "version 1, 2 or 3") }
    let lengthBytes = start[6] == 1 ? 2 : 4
    guard start.count >= 8 + lengthBytes else { throw wrong("\(range.count) bytes", "a whole header") }
    let length = start[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.longest else { throw wrong("\(length) bytes", "at most \(Self.longest)") }
    let first = range.lowerBound + 8 + lengthBytes
    guard first + length <= range.upperBound else {
      throw wrong("\(range.count) bytes in all", "a header of \(length) bytes")
    }
    dataOffset = first + length
    var literal = PythonLiteral(bytes.copy(first..<dataOffset))
    guard let fields = literal.dictionary(), Set(fields.keys) == ["descr", "fortran_order", "shape"] else {
      throw wrong("\(Display.quoted(literal.text))", "{'descr': …, 'fortran_order': …, 'shape': …}")
    }
    guard case .text(let descr)? = fields["descr"] else { throw wrong("records", "an array of plain numbers") }
    guard let element = Self.element(descr) else {
      throw wrong(
        "elements of dtype \(Display.quoted(descr))", "bool, integers or floats: '<f4', '<f8', '<i8', '|u1', …")
    }
    (type, isBigEndian) = element
    guard case .flag(let fortran)? = fields["fortran_order"], case .tuple(let sizes)? = fields["shape"] else {
      throw wrong("\(Display.quoted(literal.text))", "fortran_order True or False and a shape of numbers")
    }
    (isFortran, shape) = (fortran, sizes)
  }

  /// `<f4` → little-endian float32.
  private static func element(_ descr: String) -> (ElementType, Bool)? {
    guard let order = descr.first, "<>=|".contains(order) else { return nil }
    let types: [String: ElementType] = [
      "b1": .bool, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32, "i8": .int64,
      "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    return types[String(descr.dropFirst())].map { ($0, order == ">") }
  }
}

/// The few words of Python that such a header is written in.
private struct PythonLiteral {
  enum Value {
    case text(String)
    case flag(Bool)
    case tuple([Int])
    case other
  }

  let text: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// nil where it is no dictionary of such values, or a key stands twice.
  mutating func dictionary() -> [String: Value]? {
    var fields: [String: Value] = [:]
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":"), let value = value(), fields.updateValue(value, forKey: key) == nil else {
        return nil
      }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    return peek() == nil ? fields : nil
  }

  private mutating func value() -> Value? {
    if let text = string() { return .text(text) }
    if take("True") { return .flag(true) }
    if take("False") { return .flag(false) }
    // A list of fields: records. What is in it does not matter.
    if take("[") {
      while let byte = peek(), byte != UInt8(ascii: "]") { position += 1 }
      return take("]") ? .other : nil
    }
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      guard sizes.count < 64, let size = integer() else { return nil }
      sizes.append(size)
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return .tuple(sizes)
  }

  private mutating func string() -> String? {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { return nil }
    position = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func integer() -> Int? {
    guard peek() != nil else { return nil }
    let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
    position += digits.count
    // Python 2 wrote long numbers so.
    if position < bytes.count, bytes[position] == UInt8(ascii: "L") { position += 1 }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// The next byte that is no blank.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func take(_ word: StaticString) -> Bool {
    guard peek() != nil else { return false }
    let letters = Array(word.description.utf8)
    guard bytes[position...].starts(with: letters) else { return false }
    position += letters.count
    return true
  }
}

extension NPYHeader {
  /// The bytes before the elements of a little-endian array in row-major order, format 1.0. They take a multiple of 64.
  ///
  /// - Parameter descr: NumPy's word for the elements, such as `<f4`: little-endian float32.
  package static func encoded(_ descr: String, shape: [Int]) -> [UInt8] {
    let magic = magic + [1, 0]
    // A tuple of one has a comma behind it.
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let used = magic.count + 2 + text.utf8.count + 1
    let length = (used + 63) / 64 * 64 - magic.count - 2
    return magic + [UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)] + Array(text.utf8)
      + [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1) + [UInt8(ascii: "\n")]
  }
}
