/// Pictures in the binary version of CIFAR-10 or CIFAR-100 — Krizhevsky 2009, "Learning Multiple Layers of Features
/// from Tiny Images", https://www.cs.toronto.edu/~kriz/cifar.html: 32 × 32 pixels, a byte for each of three colours.
/// Several files are read as one, each where it stands.
///
/// ```
/// CIFAR-10     label, 1,024 red, 1,024 green, 1,024 blue                       3,073 bytes a picture
/// CIFAR-100    coarse label, fine label, 1,024 red, 1,024 green, 1,024 blue    3,074
/// ```
package struct CIFARFiles {
  /// What the length of a record tells apart.
  package enum Kind: Int, CaseIterable {
    case ten = 10
    case hundred = 100

    /// Bytes before the pixels.
    var labels: Int { self == .ten ? 1 : 2 }
    /// Bytes of a picture with its labels.
    package var record: Int { labels + CIFARFiles.pixels }

    /// How many classes a label tells apart: of CIFAR-100 the first 20, the second 100.
    func classes(of label: Int) -> Int { labels - label == 1 ? rawValue : 20 }
  }

  package static let side = 32
  package static let channels = 3
  private static let pixels = side * side * channels

  package let kind: Kind
  private let files: [FileBytes]

  /// - Throws: where a file does not hold whole records, all of one kind, or a label is too large.
  package init(_ paths: [String]) throws(DataFileError) {
    guard !paths.isEmpty else { throw DataFileError("cifar", found: "no file", expected: "at least one") }
    var files: [FileBytes] = []
    for path in paths { files.append(try FileBytes.content(of: path)) }
    self.files = files
    kind = try Self.kind(of: files)
    try checkLabels()
  }

  private static func kind(of files: [FileBytes]) throws(DataFileError) -> Kind {
    var kinds = Kind.allCases
    for file in files {
      let possible = kinds.filter { file.count % $0.record == 0 }
      guard !possible.isEmpty else {
        let records = kinds.map { "\($0.record) (CIFAR-\($0.rawValue))" }.joined(separator: " or ")
        throw DataFileError(
          file.path, found: "\(file.count) bytes",
          expected: "whole records of \(records) bytes\(kinds.count == 1 ? ", as the files before" : "")",
          hint: kinds.count == 2 ? "it may be cut off, or packed with others in an archive" : nil)
      }
      kinds = possible
    }
    // 3,074 pictures of the one take as many bytes as 3,073 of the other, or a multiple.
    let isTen = kinds.contains(.ten) && (kinds.count == 1 || files.allSatisfy { wrongLabel(in: $0, .ten) == nil })
    return isTen ? .ten : .hundred
  }

  private func checkLabels() throws(DataFileError) {
    for file in files {
      guard let (record, label, found) = Self.wrongLabel(in: file, kind) else { continue }
      let name = kind == .ten ? "label" : label == 0 ? "coarse label" : "fine label"
      throw DataFileError(
        file.path, place: "record \(record)", found: "the \(name) \(found)",
        expected: "one from 0 to \(kind.classes(of: label) - 1), as CIFAR-\(kind.rawValue) has")
    }
  }

  private static func wrongLabel(in file: FileBytes, _ kind: Kind) -> (record: Int, label: Int, found: Int)? {
    for label in 0..<kind.labels {
      let column = NumericArray(records: [file], width: kind.record, columns: label..<label + 1)
      for record in 0..<column.rows {
        var found = 0
        column.forEach(row: record) { _, value in found = Int(value) }
        if found >= kind.classes(of: label) { return (record, label, found) }
      }
    }
    return nil
  }

  /// The pictures, channels last, from 0 to 1.
  package var pictures: NumericArray {
    var pictures = NumericArray(records: files, width: kind.record, columns: kind.labels..<kind.record)
    (pictures.planes, pictures.divisor) = (Self.channels, 255)
    return pictures
  }

  /// The numbers of the classes.
  ///
  /// - Parameter areCoarse: whether of CIFAR-100 those of the 20 classes that the 100 belong to.
  package func labels(areCoarse: Bool) -> NumericArray {
    let label = areCoarse ? 0 : kind.labels - 1
    return NumericArray(records: files, width: kind.record, columns: label..<label + 1)
  }

  /// SHA-256 of what each file holds.
  package var digests: [String] { files.map { $0.digest() } }
}
