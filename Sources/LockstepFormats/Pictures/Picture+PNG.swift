internal import CPictures

extension Picture {
  /// A picture of `bytes`: rows from the top, channels last.
  ///
  /// - Parameter channels: 1 or 3.
  package init(height: Int, width: Int, channels: Int, bytes: [UInt8]) {
    precondition(channels == 1 || channels == 3, "a picture has 1 or 3 channels")
    precondition(height > 0 && width > 0 && bytes.count == height * width * channels, "bytes that make no picture")
    self.init()
    reshape(height: height, width: width, channels: channels)
    memory = bytes
  }

  /// The bytes of a PNG file that holds it; none where the system has no memory for libpng. Another version of zlib may
  /// pack the same pixels otherwise.
  package var png: [UInt8] {
    var facts = lk_picture()
    (facts.height, facts.width, facts.channels) = (Int32(height), Int32(width), Int32(channels))
    return unsafe [UInt8](unsafeUninitializedCapacity: lk_png_most(&facts)) { target, initialized in
      unsafe memory.withUnsafeBufferPointer {
        initialized = unsafe lk_png_write($0.baseAddress, &facts, target.baseAddress)
      }
    }
  }
}
