import LockstepKernels

/// A picture in memory: 8 bits a channel, rows from the top, channels last. Its memory serves one picture after the
/// other.
package struct Picture: Sendable {
  package private(set) var height = 0
  package private(set) var width = 0
  /// 1 for grey, 3 for red, green and blue.
  package private(set) var channels = 0
  /// The picture's bytes, and behind them what a larger one has left.
  var memory: [UInt8] = []

  package init() {}

  /// Its bytes.
  package var count: Int { height * width * channels }

  /// A copy of its bytes.
  package var bytes: [UInt8] { Array(memory.prefix(count)) }

  /// Decodes the file `path`, whose bytes are given. After an error the picture is empty.
  ///
  /// - Parameter channels: 1 or 3, whatever the file has: grey becomes three equal channels, and of colours it is the
  ///   luma of ITU-R BT.601, (19595 red + 38470 green + 7471 blue) / 65536; nil for what it has.
  package mutating func decode(
    _ bytes: RawSpan, of path: String, channels wanted: Int? = nil
  ) throws(DataFileError) {
    precondition(wanted == nil || wanted == 1 || wanted == 3, "a picture has 1 or 3 channels")
    reshape(height: 0, width: 0, channels: 0)
    let header = try PictureHeader(bytes, of: path)
    reserve(header.height * header.width * max(header.channels, wanted ?? 0))
    try header.coding.decode(bytes, header, into: &memory, path)
    reshape(height: header.height, width: header.width, channels: header.channels)
    if let wanted, wanted != channels { wanted == 1 ? becomeGrey() : becomeColored() }
  }

  /// Writes the picture into `row`, for byte b of channel c element 256 c + b of `values`.
  package func write(_ values: [Float], into row: Vector) {
    precondition(row.count == count && values.count == 256 * channels, "a row of another length")
    row.withMutableBytes { bytes in
      unsafe bytes.withUnsafeMutableBytes { target in
        let target = unsafe target.assumingMemoryBound(to: Float.self)
        var channel = 0
        for place in 0..<count {
          unsafe target[place] = values[channel << 8 | Int(memory[place])]
          channel = channel + 1 == channels ? 0 : channel + 1
        }
      }
    }
  }

  /// How often each byte occurs, by channel: 256 numbers each, one channel's after the other's.
  package func byteCounts() -> [UInt64] {
    var counts = [UInt64](repeating: 0, count: 256 * channels)
    for start in stride(from: 0, to: count, by: max(1, channels)) {
      for channel in 0..<channels { counts[256 * channel + Int(memory[start + channel])] += 1 }
    }
    return counts
  }

  /// Takes on another shape; what its bytes are then, whoever calls has to say.
  mutating func reshape(height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
    reserve(count)
  }

  private mutating func reserve(_ count: Int) {
    guard memory.count < count else { return }
    // Given back first, and not filled: pages that are not written cost nothing.
    memory = []
    memory = unsafe [UInt8](unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
  }

  /// The luma of each pixel, rounded.
  private mutating func becomeGrey() {
    for pixel in 0..<height * width {
      let (red, green, blue) = (Int(memory[3 * pixel]), Int(memory[3 * pixel + 1]), Int(memory[3 * pixel + 2]))
      memory[pixel] = UInt8(truncatingIfNeeded: (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16)
    }
    channels = 1
  }

  private mutating func becomeColored() {
    // From the end, so that nothing is overwritten before it is read.
    for pixel in (0..<height * width).reversed() {
      let grey = memory[pixel]
      for channel in 0..<3 { memory[3 * pixel + channel] = grey }
    }
    channels = 3
  }
}
