import LockstepFormats

extension SampleTable {
  /// The pictures of CIFAR-10 or CIFAR-100, with the names of their classes where these stand beside the first file.
  static func cifar(
    _ paths: [String], _ labels: FileSource.CIFARLabels, _ rules: SampleRules
  ) throws(DataFileError) -> SampleTable {
    let files = try CIFARFiles(paths)
    let name = paths[0]
    let image = ImageLayout(
      height: CIFARFiles.side, width: CIFARFiles.side, channels: CIFARFiles.channels,
      order: rules.image?.order ?? .channelsLast)
    guard rules.known == nil && rules.image == nil || rules.image?.shape == image.shape else {
      guard rules.image == nil, let known = rules.known else { throw rules.isNoImage(name, image.shape.phrase) }
      throw DataFileError(name, found: image.shape.phrase, expected: "\(known.shape.phrase), as in training")
    }
    let areCoarse = labels == .coarse
    guard files.kind == .hundred || !areCoarse else {
      throw DataFileError(
        name, place: "labels", found: "coarse labels of CIFAR-10, whose records have one label",
        expected: "fine, or the files of CIFAR-100")
    }
    let pictures = files.pictures
    let columns = Array(repeating: SampleTable.Column(), count: pictures.columns)
    return SampleTable(
      name: name, columns: columns, image: image, features: pictures,
      targets: try targets(files, areCoarse, name, rules), weights: nil, targetNames: [],
      digest: files.digests.joined() + (areCoarse ? "coarse" : ""))
  }

  private static func targets(
    _ files: CIFARFiles, _ areCoarse: Bool, _ path: String, _ rules: SampleRules
  ) throws(DataFileError) -> Targets {
    let codes = files.labels(areCoarse: areCoarse)
    switch try rules.kind?.resolved(columns: 1, path) {
    case nil: return .none
    case .numbers?: return .numbers(codes)
    case .labels?:
      throw DataFileError(path, found: "classes, one a picture", expected: "labels of 0 or 1, several a sample")
    case .classes?, .binary?: break
    }
    let count = areCoarse ? 20 : files.kind.rawValue
    let numbers = (0..<count).map(String.init)
    guard case .classes(let known)? = rules.known?.targets else {
      let names = try names(beside: path, files.kind, areCoarse, count)
      return .classes(names: names ?? numbers, codes: codes)
    }
    // A model that knows them by their numbers goes by these.
    let isKnown = Labels(named: known)
    func areKnown(_ names: [String]) -> Bool { names.allSatisfy { isKnown.place(of: $0) != nil } }
    if areKnown(numbers) { return .classes(names: numbers, codes: codes) }
    let names = try names(beside: path, files.kind, areCoarse, count)
    guard let names, areKnown(names) else {
      throw DataFileError(
        path, found: "the classes \(Preprocessing.list(names ?? numbers))",
        expected: "those of training, \(Preprocessing.list(known))",
        hint: names == nil
          ? "\(CIFARNames.file(of: files.kind, areCoarse: areCoarse)) beside the file names them" : nil)
    }
    return .classes(names: names, codes: codes)
  }

  private static func names(
    beside path: String, _ kind: CIFARFiles.Kind, _ areCoarse: Bool, _ count: Int
  ) throws(DataFileError) -> [String]? {
    let file = CIFARNames.file(of: kind, areCoarse: areCoarse)
    return try CIFARNames.read("\(Folder.parent(of: path))/\(file)", count: count)
  }
}
