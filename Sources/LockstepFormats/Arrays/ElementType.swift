/// The type of a tensor's elements in a file of any format. The raw values are the names that safetensors has for it.
public enum ElementType: String, Sendable, Equatable, CaseIterable {
  /// IEEE 754, as are the next two.
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  /// The upper half of a float32: 8 bits of exponent, 7 of fraction.
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  /// One byte, 0 or 1.
  case bool = "BOOL"

  /// Bytes that one element takes.
  public var size: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether elements are real numbers.
  package var isFloat: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .bool: false
    }
  }

  package var isInteger: Bool { !isFloat }

  /// The real numbers in `bytes`, rounded to float32; empty where elements are not real numbers.
  package func floats(_ bytes: [UInt8]) -> [Float] {
    func words<Word: FixedWidthInteger>(_: Word.Type) -> [Word] {
      stride(from: 0, to: bytes.count, by: size).map { start in
        (0..<size).reduce(0) { $0 | Word(bytes[start + $1]) << (8 * $1) }
      }
    }
    return switch self {
    case .float64: words(UInt64.self).map { Float(Double(bitPattern: $0)) }
    case .float32: words(UInt32.self).map { Float(bitPattern: $0) }
    case .float16: words(UInt16.self).map { Self.float(half: $0) }
    case .bfloat16: words(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .int64, .int32, .int16, .int8, .uint64, .uint32, .uint16, .uint8, .bool: []
    }
  }
}

extension ElementType {
  /// IEEE 754 binary16 → binary32, exactly.
  static func float(half bits: UInt16) -> Float {
    let (sign, exponent, fraction) = (UInt32(bits >> 15) << 31, UInt32(bits >> 10 & 31), UInt32(bits & 1023))
    switch exponent {
    case 0: return Float(bitPattern: sign | Float(fraction).bitPattern) * 0x1p-24
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
