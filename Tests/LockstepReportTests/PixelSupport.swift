import Foundation
import LockstepFormats
import TestSupport
import Testing

/// A picture of pixels on a page: its words, and what the project's own decoder makes of its bytes.
struct PagePicture {
  var words: String
  var picture: Picture
}

extension ParsedPage {
  /// In the order of the page.
  func pictures() throws -> [PagePicture] {
    let (sources, words) = (attributes["src"] ?? [], attributes["alt"] ?? [])
    #expect(sources.count == elements["img"] ?? 0 && words.count == sources.count)
    return try zip(sources, words).map { source, words in
      let start = "data:image/png;base64,"
      #expect(source.hasPrefix(start))
      let bytes = Array(try #require(Data(base64Encoded: String(source.dropFirst(start.count)))))
      var picture = Picture()
      try picture.decode(bytes.span.bytes, of: words)
      return PagePicture(words: words, picture: picture)
    }
  }
}

/// Grey pictures in files, 6 × 5: those of class 0 are light on the left, those of class 1 on the right.
final class Halves {
  static let (height, width) = (6, 5)
  let folder = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString)"
  /// Of the validation data.
  private(set) var pictures: [[UInt8]] = []
  private(set) var labels: [UInt8] = []

  /// - Parameter wrong: validation samples whose label is the other one.
  init(train: Int = 96, validation: Int = 40, wrong: Set<Int>) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, count) in [("train", train), ("validation", validation)] {
      var random = SeededGenerator(seed: UInt64(count))
      labels = (0..<count).map { UInt8($0 * 7 % 5 % 2) }
      pictures = labels.map { label in
        (0..<Self.height * Self.width).map { place in
          let isLight = (place % Self.width < 2) == (label == 0) && place % Self.width != 2
          return (isLight ? 200 : 0) + UInt8.random(in: 0...55, using: &random)
        }
      }
      if name == "validation" { for index in wrong { labels[index] = 1 - labels[index] } }
      try Self.idx([count, Self.height, Self.width], pictures.flatMap { $0 }, to: "\(folder)/\(name).idx")
      try Self.idx([count], labels, to: "\(folder)/\(name)-labels.idx")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func remove() throws { try FileManager.default.removeItem(atPath: folder) }

  /// Puts a file of this data in the place of another's.
  func copy(_ name: String, over other: Halves) throws {
    let path = "\(other.folder)/\(name)"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: path)
  }

  /// - Parameter layers: the first ones, before a dense layer.
  func task(_ layers: String) -> String {
    """
    data:
      train: {idx: {images: \(folder)/train.idx, labels: \(folder)/train-labels.idx}}
      validation: {idx: {images: \(folder)/validation.idx, labels: \(folder)/validation-labels.idx}}
      standardize: true
    model: {layers: [\(layers), flatten, {dense: {units: 2}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.02}}
    """
  }

  /// The validation data in the place of that of the task, as a folder of pictures: by class, named by their numbers.
  func asFolder(_ task: String) throws -> String {
    for (number, (pixels, label)) in zip(pictures, labels).enumerated() {
      let path = "\(folder)/validation/\(label)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try write(
        PNGFile(height: Self.height, width: Self.width, pixels: pixels).bytes, to: "\(path)/\(number).png")
    }
    return task.replacing(
      "{idx: {images: \(folder)/validation.idx, labels: \(folder)/validation-labels.idx}}",
      with: "{pictures: {path: \(folder)/validation}}")
  }

  private static func idx(_ sides: [Int], _ bytes: [UInt8], to path: String) throws {
    let header: [UInt8] = [0, 0, 8, UInt8(sides.count)] + sides.flatMap { [0, 0, UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    try Data(header + bytes).write(to: URL(filePath: path))
  }
}
