import LockstepFormats

/// The pictures of a folder as samples: which they are, and how each is read.
struct PictureSamples: Sendable {
  let folder: PictureFolder
  /// What a picture is to the network.
  let image: ImageLayout
  /// Reads a picture as the image that it is to be; whoever reads takes a copy, whose memory is its own.
  let reader: PictureReader

  /// How often each byte occurs in each channel of the pictures that count.
  func byteCounts(where isTaken: (Int) -> Bool) throws(DataFileError) -> [[UInt64]] {
    try folder.byteCounts(reader, channels: image.channels, where: isTaken)
  }

  /// The pictures of `source` as samples, with their classes.
  static func table(_ source: PictureSource, _ rules: SampleRules) throws(DataFileError) -> SampleTable {
    if rules.known == nil, rules.image != nil {
      throw DataFileError(
        source.path, found: "image beside pictures", expected: "height, width and channels in pictures: {…}")
    }
    if let kind = rules.kind, try kind.resolved(columns: 1, source.path) != .classes {
      throw DataFileError(
        source.path, found: "pictures, whose targets are classes", expected: "numbers, as the loss learns them",
        hint: "softmax_cross_entropy learns classes")
    }
    let folder = try PictureFolder(source.path, hasClasses: rules.kind != nil)
    let survey = try folder.survey()
    let image = try image(source, rules, folder, survey)
    let reader = PictureReader(
      channels: image.channels, resizer: PictureResizer(height: image.height, width: image.width, fit: source.fit))
    var table = SampleTable(
      name: source.path, columns: Array(repeating: SampleTable.Column(), count: image.count), image: image,
      features: try folder.codes(columns: 0), pictures: PictureSamples(folder: folder, image: image, reader: reader),
      targets: try folder.targets(rules), weights: nil, targetNames: [],
      digest: "\(survey.digest) \(source.fit.rawValue)")
    if let example = folder.others.first {
      let count = folder.others.count
      table.findings.warnings.append(
        "\(Format.count(count)) \(count == 1 ? "file is no picture" : "files are no pictures") by the name, and passed over: \(Display.plain(example))\(count > 1 ? ", …" : "")"
      )
    }
    table.findings.missing = 0
    return table
  }

  private static func image(
    _ source: PictureSource, _ rules: SampleRules, _ folder: PictureFolder, _ survey: PictureFolder.Survey
  ) throws(DataFileError) -> ImageLayout {
    if let known = rules.known {
      guard let image = known.image, image.channels == 1 || image.channels == 3 else {
        throw DataFileError(
          source.path, found: "pictures", expected: "\(known.features) features, as in training")
      }
      return ImageLayout(height: image.height, width: image.width, channels: image.channels)
    }
    if source.size == nil, let other = survey.other {
      throw DataFileError(
        source.path,
        found:
          "pictures of several sizes, \(folder.name(of: 0)) of \(survey.size.text) and \(folder.name(of: other.index)) of \(other.size.text)",
        expected: "one size, or height and width, which all are brought to")
    }
    let size = source.size ?? survey.size
    return ImageLayout(
      height: size.height, width: size.width, channels: source.channels ?? (survey.isGrey ? 1 : 3))
  }
}

extension PictureSource.Size {
  /// `375 × 500`
  package var text: String { PictureHeader.size(height, width) }
}

extension PictureFolder {
  /// Bytes of memory that it takes.
  var memoryBytes: Int { namesSize + count * MemoryLayout<Int>.stride }

  /// The number of each picture's class; as an array of no columns, which samples that are pictures have for numbers.
  fileprivate func codes(columns: Int) throws(DataFileError) -> NumericArray {
    var buffer = GrowingBytes(for: path, capacity: count * MemoryLayout<Float>.stride)
    if classes.isEmpty { try buffer.append([Float](repeating: 0, count: count)) }
    for number in classes.indices {
      try buffer.append([Float](repeating: Float(number), count: pictures(ofClass: number).count))
    }
    return NumericArray(table: try FileBytes(buffer), .float32, width: 1, columns: 0..<columns)
  }

  fileprivate func targets(_ rules: SampleRules) throws(DataFileError) -> SampleTable.Targets {
    guard rules.kind != nil else { return .none }
    if case .classes(let names)? = rules.known?.targets {
      let known = Labels(named: names)
      if let stranger = classes.first(where: { known.place(of: $0) == nil }) {
        throw DataFileError(
          "\(path)/\(stranger)", found: "the class \(Display.quoted(stranger))",
          expected: "one of \(Preprocessing.list(names))")
      }
    }
    return .classes(names: classes, codes: try codes(columns: 1))
  }
}
