/// The address of a file of this machine, as other programs ask for it.
package enum FileAddress {
  /// `file:///home/a/b`. A blank would end the address, and a # begin its fragment.
  ///
  /// - Parameter path: absolute.
  package static func of(_ path: String) -> String {
    path.utf8.reduce(into: "file://") { text, byte in
      let scalar = UnicodeScalar(byte)
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/-._~".unicodeScalars.contains(scalar))
      let digits = String(byte, radix: 16, uppercase: true)
      text += isPlain ? String(scalar) : "%" + (digits.count == 1 ? "0" : "") + digits
    }
  }
}
