/// What stands before the elements of a NumPy `.npy` file, format 1.0:
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
///
/// ```
/// "\x93NUMPY" 1 0   magic and version
/// 2 bytes           length of the text, little-endian
/// text              {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, then spaces and a line break
/// ```
/// All of it takes a multiple of 64 bytes.
package struct NumPyHeader {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]

  /// NumPy's word for the elements, such as `<f4`: little-endian float32.
  package var type: String
  /// Row-major.
  package var shape: [Int]

  package init(type: String, shape: [Int]) { (self.type, self.shape) = (type, shape) }

  package var bytes: [UInt8] {
    let magic = Self.magic
    // A tuple of one has a comma behind it.
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let used = magic.count + 2 + text.utf8.count + 1
    let length = (used + 63) / 64 * 64 - magic.count - 2
    return magic + [UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)] + Array(text.utf8)
      + [UInt8](repeating: UInt8(ascii: " "), count: length - text.utf8.count - 1) + [UInt8(ascii: "\n")]
  }
}
