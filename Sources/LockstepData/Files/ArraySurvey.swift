import LockstepFormats
import LockstepModel

/// What arrays of samples hold, for whoever has yet to decide what to do with them: their size, whether numbers are
/// missing, and what the targets look like.
package struct ArraySurvey: Sendable {
  /// With its targets.
  package let source: FileSource
  /// Files of validation data that stand beside images as MNIST's do; nil for none.
  package let validation: FileSource?
  package let samples: Int
  package let features: Int
  /// What a sample is: that many features, or an image.
  package let shape: Shape
  /// Whether some feature is NaN.
  package let hasGaps: Bool
  package let targets: Int
  /// Samples of each value of the one target where it has a few whole ones; nil otherwise.
  package let classes: [Double: Int]?

  /// More are no classes.
  private static let mostClasses = 1000
  /// Numbers that are looked at, at most, to find a gap.
  private static let looked = 1 << 26

  /// - Parameter target: the file, or in an archive the array, of the targets; nil for the one that goes with it.
  /// - Throws: `DataFileError` where they cannot be read or do not go together.
  package init(_ source: FileSource, target: String?) throws(DataFileError) {
    var validation: FileSource?
    switch source {
    case .npy(let features, _, _):
      guard
        let target = target ?? Self.partner(of: features, [("x", "y"), ("features", "targets"), ("images", "labels")])
      else {
        throw DataFileError(
          features, found: "no targets beside the features", expected: "the file of the targets, --target FILE.npy")
      }
      self.source = .npy(features: features, targets: target)
    case .npz(let path, let features, let targets, _):
      self.source = .npz(path: path, features: features, targets: target ?? targets)
    case .safetensors(let path, let features, let targets, _):
      self.source = .safetensors(path: path, features: features, targets: target ?? targets)
    case .idx(let images, _):
      guard let labels = target ?? Self.partner(of: images, Self.labels) else {
        throw DataFileError(
          images, found: "no labels beside the images", expected: "the file of the labels, --target FILE")
      }
      self.source = .idx(images: images, labels: labels)
      if let more = Self.partner(of: images, [("train", "t10k")]), let truth = Self.partner(of: more, Self.labels) {
        validation = .idx(images: more, labels: truth)
      }
    case .cifar(let files, let labels):
      // CIFAR-10's training pictures stand in five files, its test pictures in a sixth.
      let path = files.first ?? ""
      let others = (2...).lazy.map { Self.partner(of: path, [("data_batch_1", "data_batch_\($0)")]) }
      self.source = .cifar(files: files + others.prefix { $0 != nil }.compactMap(\.self), labels: labels)
      validation = Self.partner(of: path, [("data_batch_1", "test_batch"), ("train", "test")]).map {
        .cifar(files: [$0], labels: labels)
      }
    case .pictures: preconditionFailure("pictures are surveyed by PictureSurvey")
    case .csv: preconditionFailure("a table is surveyed by TableSurvey")
    }
    self.validation = validation
    let table = try SampleTable.read(self.source, SampleRules(kind: .numbers, fillsMissing: true))
    (samples, features) = (table.count, table.features.columns)
    shape = table.image?.shape ?? .features(features)
    var hasGaps = false
    if !table.features.type.isInteger {
      for row in 0..<min(table.features.rows, max(1, Self.looked / max(1, features))) where !hasGaps {
        table.features.forEach(row: row) { _, value in hasGaps = hasGaps || value.isNaN }
      }
    }
    self.hasGaps = hasGaps
    guard let values = table.targets.values else { preconditionFailure("targets were asked for") }
    targets = values.columns
    var counts: [Double: Int]? = values.columns == 1 ? [:] : nil
    for row in 0..<values.rows where counts != nil {
      values.forEach(row: row) { _, value in
        if value.rounded() != value { counts = nil } else { counts?[value, default: 0] += 1 }
      }
      if let count = counts?.count, count > Self.mostClasses { counts = nil }
    }
    classes = counts
  }

  private static let labels = [("images-idx3", "labels-idx1"), ("images.idx3", "labels.idx1"), ("images", "labels")]

  /// The file that is called like this one but for a word, where it is there.
  private static func partner(of path: String, _ words: [(String, String)]) -> String? {
    let name = Folder.lastName(of: path)
    for (word, other) in words {
      guard let range = name.ranges(of: word).last else { continue }
      let partner = String(path.dropLast(name.count)) + name.replacingCharacters(in: range, with: other)
      if partner != path, case .file? = try? Folder.item(at: partner) { return partner }
    }
    return nil
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
