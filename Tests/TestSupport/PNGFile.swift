/// A PNG written in the plainest way (ISO/IEC 15948): stored, not packed, its rows filtered by each filter in turn.
public struct PNGFile {
  public enum Color: UInt8, Sendable, CaseIterable {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6

    public var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    /// Bits of a channel that it may have.
    public var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16]
      }
    }
  }

  public var height: Int
  public var width: Int
  public var color: Color
  public var depth: Int
  public var isInterlaced = false
  /// Red, green and blue of each entry.
  public var palette: [UInt8] = []
  /// Pixel by pixel, their channels beside each other.
  public var samples: [Int]
  /// Chunks between the header and the pixels, other than the palette.
  public var chunks: [(name: String, content: [UInt8])] = []

  public init(height: Int, width: Int, color: Color, depth: Int = 8, samples: [Int]) {
    (self.height, self.width, self.color, self.depth, self.samples) = (height, width, color, depth, samples)
  }

  /// A picture of grey or of red, green and blue.
  public init(height: Int, width: Int, pixels: [UInt8]) {
    let color: Color = pixels.count == height * width ? .grey : .rgb
    self.init(height: height, width: width, color: color, samples: pixels.map { Int($0) })
  }

  public var bytes: [UInt8] {
    let facts = Self.word(width) + Self.word(height) + [UInt8(depth), color.rawValue, 0, 0, isInterlaced ? 1 : 0]
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", facts)
    for (name, content) in chunks { bytes += Self.chunk(name, content) }
    if color == .palette { bytes += Self.chunk("PLTE", palette) }
    let packed = Self.stored(rows)
    // In two, where there is enough of it.
    for part in [packed[..<(packed.count / 2)], packed[(packed.count / 2)...]] {
      bytes += Self.chunk("IDAT", Array(part))
    }
    return bytes + Self.chunk("IEND", [])
  }

  /// The filtered rows of every pass.
  private var rows: [UInt8] {
    let passes =
      isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
    var result: [UInt8] = []
    for (left, top, right, down) in passes where left < width {
      var above: [UInt8]?
      for (number, row) in stride(from: top, to: height, by: down).enumerated() {
        let line = packed(row, stride(from: left, to: width, by: right).map { $0 })
        result.append(UInt8(number % 5))
        result += filtered(line, above ?? [UInt8](repeating: 0, count: line.count), number % 5)
        above = line
      }
    }
    return result
  }

  private func packed(_ row: Int, _ columns: [Int]) -> [UInt8] {
    var (bytes, buffer, bits): ([UInt8], Int, Int) = ([], 0, 0)
    for column in columns {
      for channel in 0..<color.channels {
        let sample = samples[(row * width + column) * color.channels + channel]
        if depth == 16 {
          bytes += [UInt8(sample >> 8), UInt8(sample & 0xFF)]
          continue
        }
        (buffer, bits) = (buffer << depth | sample, bits + depth)
        if bits == 8 {
          bytes.append(UInt8(buffer))
          (buffer, bits) = (0, 0)
        }
      }
    }
    return bits == 0 ? bytes : bytes + [UInt8(buffer << (8 - bits))]
  }

  private func filtered(_ line: [UInt8], _ above: [UInt8], _ filter: Int) -> [UInt8] {
    let step = max(1, depth * color.channels / 8)
    return line.indices.map { i in
      let (a, b) = (i < step ? 0 : Int(line[i - step]), Int(above[i]))
      let c = i < step ? 0 : Int(above[i - step])
      let (pa, pb, pc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
      let predicted = [0, a, b, (a + b) / 2, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter]
      return UInt8(truncatingIfNeeded: Int(line[i]) - predicted)
    }
  }

  /// A chunk of a PNG: its length, name, content and checksum.
  public static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    var checksum = UInt32.max
    for byte in body {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? 0xEDB8_8320 ^ checksum >> 1 : checksum >> 1 }
    }
    return word(content.count) + body + word(Int(~checksum))
  }

  /// `bytes` as a zlib stream (RFC 1950) of stored blocks (RFC 1951).
  public static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var (a, b) = (1, 0)
    for byte in bytes { (a, b) = ((a + Int(byte)) % 65521, (b + a + Int(byte)) % 65521) }
    for start in stride(from: 0, to: bytes.count, by: 65535) {
      let block = bytes[start..<min(start + 65535, bytes.count)]
      let (low, high) = (UInt8(block.count & 0xFF), UInt8(block.count >> 8))
      result += [start + block.count == bytes.count ? 1 : 0, low, high, ~low, ~high] + block
    }
    return result + word(b << 16 | a)
  }

  private static func word(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
