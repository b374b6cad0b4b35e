import LockstepFormats
import LockstepKernels

/// Samples as their files hold them: nothing is standardised, a category is a number of the file's own, a missing
/// number is NaN.
struct SampleTable: Sendable {
  /// A feature.
  struct Column: Sendable {
    var name: String?
    /// For a column of categories their names, in the order of their numbers, and where each was found first.
    var categories: [Category]?
  }

  struct Category: Sendable {
    var name: String
    var line: Int
    var column: Int
  }

  enum Targets: Sendable {
    case none
    /// Numbers of names, one a sample.
    case classes(names: [String], codes: NumericArray)
    /// 0 or 1, one a label.
    case labels(NumericArray)
    case numbers(NumericArray)

    var values: NumericArray? {
      switch self {
      case .none: nil
      case .classes(_, let values), .labels(let values), .numbers(let values): values
      }
    }
  }

  /// The number of a category that the model does not know.
  static let unknownCategory = -1.0

  /// The file of the features, for messages.
  let name: String
  let columns: [Column]
  /// How the columns are an image; nil where they are features.
  var image: ImageLayout?
  /// Numbers of the samples; of pictures none.
  let features: NumericArray
  /// The pictures that are the samples, where they are.
  var pictures: PictureSamples?
  let targets: Targets
  /// What each sample counts, one column of finite numbers of at least 0; nil where all count the same.
  let weights: NumericArray?
  /// Groups as they are written, and the number of each sample's; nil where there are none.
  var groups: (names: [String], codes: NumericArray)?
  /// Names of the target's columns, where they have any.
  let targetNames: [String]
  /// SHA-256 of what the files hold.
  let digest: String
  /// The rows of the arrays that are samples, in order; nil where all are.
  var rows: Slots<UInt32>?
  /// Samples that were left out because their target is missing.
  var dropped = 0
  var findings = TableFindings()
  /// What to do about a number that is NaN; nil where none is.
  var missingHint: String?

  var count: Int { rows?.count ?? features.rows }

  /// The row of the arrays that is sample `index`.
  func row(_ index: Int) -> Int { rows.map { Int($0[index]) } ?? index }

  /// What messages call a number of a row: by its position and channel where it is one of an image.
  func place(row: Int, column: Int) -> String {
    guard let image else { return "row \(row), column \(column)" }
    let (position, channel) = column.quotientAndRemainder(dividingBy: image.channels)
    return "row \(row), pixel (\(position / image.width), \(position % image.width)), channel \(channel)"
  }

  /// Bytes of memory that it takes.
  var memoryBytes: Int {
    var files: [FileBytes] = []
    for array in [features, targets.values, weights, groups?.codes] { array?.forEachFile { files.append($0) } }
    let own = files.indices.reduce(0) { sum, index in
      files[..<index].contains { $0 === files[index] } ? sum : sum + files[index].memoryBytes
    }
    return own + (pictures?.folder.memoryBytes ?? 0) + (rows?.count ?? 0) * MemoryLayout<UInt32>.stride
  }

  /// Reads or maps the samples of `source`.
  static func read(_ source: FileSource, _ rules: SampleRules) throws(DataFileError) -> SampleTable {
    // Without a kind of target, none is read.
    func wanted(_ name: String?) -> String? { rules.kind == nil ? nil : name }
    func counted(_ name: String?) -> String? { rules.isWeighted ? name : nil }
    if let group = rules.group, source.kind != "csv" {
      throw DataFileError(
        source.files.first?.path ?? "", place: "group", found: "the group \(group) of arrays",
        expected: "a column of a table of text, csv: {…}")
    }
    switch source {
    case .csv(let source): return try CSVTable.read(source, rules)
    case .npy(let features, let targets, let weights):
      func open(_ path: String) throws(DataFileError) -> ArrayFile { try .npy(path) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(.npy(features), targets, weights, rules, source)
    case .npz(let path, let features, let targets, let weights):
      func open(_ name: String) throws(DataFileError) -> ArrayFile { try .npz(path, array: name) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(open(features), targets, weights, rules, source)
    case .idx(let images, let labels):
      let labels = try array(wanted(labels)) { path throws(DataFileError) in try .idx(path) }
      var pixels = try ArrayFile.idx(images)
      if pixels.values.type == .uint8 { pixels.values.divisor = 255 }
      return try arrays(pixels, labels, nil, rules, source)
    case .cifar(let files, let labels): return try cifar(files, labels, rules)
    case .pictures(let source): return try PictureSamples.table(source, rules)
    case .safetensors(let path, let features, let targets, let weights):
      func open(_ name: String) throws(DataFileError) -> ArrayFile { try .safetensors(path, tensor: name) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(open(features), targets, weights, rules, source)
    }
  }

  private static func array(
    _ name: String?, _ open: (String) throws(DataFileError) -> ArrayFile
  ) throws(DataFileError) -> ArrayFile? {
    guard let name else { return nil }
    return try open(name)
  }

  private static func arrays(
    _ features: ArrayFile, _ targets: ArrayFile?, _ weights: ArrayFile?, _ rules: SampleRules, _ source: FileSource
  ) throws(DataFileError) -> SampleTable {
    let table = try features.table(targets: targets, weights: weights, rules)
    guard rules.kind != nil, targets == nil else { return table }
    throw DataFileError(
      features.name, found: "no targets beside the features", expected: "\(source.kind): {…} with targets")
  }
}
