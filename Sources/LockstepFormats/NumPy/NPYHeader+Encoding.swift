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
