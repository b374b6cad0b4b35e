/// The names of CIFAR's classes, a line each in the order of their numbers, in a file beside those of the pictures.
package enum CIFARNames {
  /// What that file is called.
  package static func file(of kind: CIFARFiles.Kind, areCoarse: Bool) -> String {
    kind == .ten ? "batches.meta.txt" : areCoarse ? "coarse_label_names.txt" : "fine_label_names.txt"
  }

  /// The names of `count` classes in the file `path`.
  ///
  /// - Returns: nil where there is no such file.
  /// - Throws: where it holds others than `count` different names.
  package static func read(_ path: String, count: Int) throws(DataFileError) -> [String]? {
    let item = try DataFileError.wrapping { () throws(FileError) in try Folder.item(at: path) }
    guard item == .file else { return nil }
    var bytes = [UInt8](repeating: 0, count: longest + 1)
    let size = try DataFileError.wrapping { () throws(FileError) in
      try FileDescriptor.reading(path).read(into: &bytes)
    }
    return try parse(Array(bytes[..<size]), path, count: count)
  }

  /// Of a file of names.
  private static let longest = 1 << 16

  /// The names in a file's bytes. Blanks around them and empty lines do not count.
  package static func parse(_ bytes: [UInt8], _ path: String, count: Int) throws(DataFileError) -> [String] {
    let expected = "the names of \(count) classes, a line each"
    guard bytes.count <= longest, let text = String(validating: bytes, as: UTF8.self) else {
      throw DataFileError(
        path, found: bytes.count > longest ? "more than \(longest) bytes" : "bytes that are not UTF-8",
        expected: expected)
    }
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
    var (names, seen): ([String], Set<[UInt8]>) = ([], [])
    for line in text.utf8.split(separator: 0x0A) {
      var name = Array(line.drop(while: isBlank))
      while let last = name.last, isBlank(last) { name.removeLast() }
      if name.isEmpty { continue }
      let word = String(decoding: name, as: UTF8.self)
      guard seen.insert(name).inserted, CombiningMarks.areFew(in: word) else {
        throw DataFileError(
          path, found: "\(Display.quoted(word))\(CombiningMarks.areFew(in: word) ? " twice" : "")", expected: expected)
      }
      names.append(word)
    }
    guard names.count == count else { throw DataFileError(path, found: "\(names.count) names", expected: expected) }
    return names
  }
}
