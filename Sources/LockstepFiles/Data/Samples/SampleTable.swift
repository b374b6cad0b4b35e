import LockstepKernels
import LockstepTraining

/// What a target is: it follows from the loss, never from how the target is written.
public enum TargetKind: Sendable, Equatable {
  /// A class, whose name is the text of the cell or the whole number: for the cross entropies.
  case classes
  /// Numbers: for the losses of regression.
  case numbers
}

/// Samples as their files hold them: nothing is standardised, a category is a number of the file's own, a missing number is NaN.
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
    case numbers(NumericArray)
  }

  /// The file of the features, for messages.
  let name: String
  let columns: [Column]
  let features: NumericArray
  let targets: Targets
  /// What each sample counts, one column of finite numbers of at least 0; nil where all count the same.
  let weights: NumericArray?
  /// Names of the target's columns, where they have any.
  let targetNames: [String]
  /// SHA-256 of what the files hold.
  let digest: String

  var count: Int { features.rows }

  /// Bytes of memory that it takes.
  var memoryBytes: Int {
    var files = [features.bytes]
    switch targets {
    case .classes(_, let values), .numbers(let values): files.append(values.bytes)
    case .none: break
    }
    if let weights { files.append(weights.bytes) }
    return files.indices.reduce(0) { sum, index in
      files[..<index].contains { $0 === files[index] } ? sum : sum + files[index].memoryBytes
    }
  }

  /// Reads or maps the samples of `source`.
  ///
  /// - Parameters:
  ///   - kind: of the targets; nil where they do not count.
  ///   - known: what a model was trained with, to which the samples must fit; nil to find it out.
  ///   - allowsMissing: whether cells may be empty.
  ///   - isWeighted: whether the weights that `source` speaks of are read.
  static func read(
    _ source: FileSource, targets kind: TargetKind?, known: Preprocessing? = nil, allowsMissing: Bool,
    isWeighted: Bool = false
  ) throws(DataFileError) -> SampleTable {
    // Without a kind of target, none is read.
    func wanted(_ name: String?) -> String? { kind == nil ? nil : name }
    func counted(_ name: String?) -> String? { isWeighted ? name : nil }
    switch source {
    case .csv(let source):
      return try CSVTable.read(
        source, targets: kind, known: known, allowsMissing: allowsMissing, isWeighted: isWeighted)
    case .npy(let features, let targets, let weights):
      func open(_ path: String) throws(DataFileError) -> ArrayFile { try .npy(path) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(.npy(features), targets, weights, kind, known, source)
    case .npz(let path, let features, let targets, let weights):
      func open(_ name: String) throws(DataFileError) -> ArrayFile { try .npz(path, array: name) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(open(features), targets, weights, kind, known, source)
    case .idx(let images, let labels):
      let labels = try array(wanted(labels)) { path throws(DataFileError) in try .idx(path) }
      var pixels = try ArrayFile.idx(images)
      if pixels.values.type == .uint8 { pixels.values.divisor = 255 }
      return try arrays(pixels, labels, nil, kind, known, source)
    case .safetensors(let path, let features, let targets, let weights):
      func open(_ name: String) throws(DataFileError) -> ArrayFile { try .safetensors(path, tensor: name) }
      let (targets, weights) = (try array(wanted(targets), open), try array(counted(weights), open))
      return try arrays(open(features), targets, weights, kind, known, source)
    }
  }

  private static func array(
    _ name: String?, _ open: (String) throws(DataFileError) -> ArrayFile
  ) throws(DataFileError) -> ArrayFile? {
    guard let name else { return nil }
    return try open(name)
  }

  private static func arrays(
    _ features: ArrayFile, _ targets: ArrayFile?, _ weights: ArrayFile?, _ kind: TargetKind?, _ known: Preprocessing?,
    _ source: FileSource
  ) throws(DataFileError) -> SampleTable {
    let table = try features.table(targets: targets, weights: weights, kind, known)
    guard kind != nil, targets == nil else { return table }
    throw DataFileError(
      features.name, found: "no targets beside the features", expected: "\(source.kind): {…} with targets")
  }
}

// MARK: - Arrays

extension ArrayFile {
  /// Rows of this array as samples, with their targets.
  fileprivate func table(
    targets: ArrayFile?, weights: ArrayFile?, _ kind: TargetKind?, _ known: Preprocessing?
  ) throws(DataFileError) -> SampleTable {
    if let known {
      guard known.columns.count == values.columns else {
        throw DataFileError(
          name, found: "\(values.columns) columns of features", expected: "\(known.columns.count), as in training")
      }
      if let column = known.columns.firstIndex(where: \.isCategory) {
        throw DataFileError(
          name, found: "an array of numbers",
          expected: "a table in which column \(known.columns[column].name ?? "\(column)") holds categories")
      }
    }
    if let targets, targets.values.rows != values.rows {
      throw DataFileError(
        targets.name, found: "targets for \(targets.values.rows) samples", expected: "\(values.rows), as \(name) has")
    }
    let learned: SampleTable.Targets
    switch (targets, kind) {
    case (let targets?, .classes): learned = try targets.classes(known)
    case (let targets?, .numbers):
      if let known, known.task.targetColumns != targets.values.columns {
        throw DataFileError(
          targets.name, found: "\(targets.values.columns) targets",
          expected: "\(known.task.targetColumns), as in training")
      }
      learned = .numbers(targets.values)
    default: learned = .none
    }
    if let weights { try weights.values.checkWeights(samples: values.rows, name: weights.name) }
    let digests = [
      bytes.digest(), targets.map { $0.bytes === bytes ? "" : $0.bytes.digest() } ?? "",
      weights.map { $0.bytes === bytes ? "" : $0.bytes.digest() } ?? "",
    ]
    return SampleTable(
      name: name, columns: Array(repeating: SampleTable.Column(), count: values.columns), features: values,
      targets: learned, weights: weights?.values,
      targetNames: [], digest: digests.joined())
  }

  /// The classes of one column of whole numbers, named by their digits.
  private func classes(_ known: Preprocessing?) throws(DataFileError) -> SampleTable.Targets {
    guard values.columns == 1 else {
      throw DataFileError(
        name, found: "\(values.columns) columns of targets", expected: "one, the number of the class",
        hint: "of one-hot rows take numpy.argmax(y, axis=1)")
    }
    var (names, codes): ([String], [Float: Float]) = ([], [:])
    if case .classes(let classes)? = known?.targets {
      for (code, name) in classes.enumerated() {
        names.append(name)
        if let value = Float(name) { codes[value] = Float(code) }
      }
    }
    let isOpen = known == nil
    let arena = Arena(count: 1)
    let (cell, batch) = (arena.all, 1 << 14)
    var buffer = GrowingBytes(for: name, capacity: values.rows * MemoryLayout<Float>.stride)
    var pending: [Float] = []
    pending.reserveCapacity(batch)
    for row in 0..<values.rows {
      values.read(row: row, into: cell)
      let value = cell[0]
      if let code = codes[value] {
        pending.append(code)
      } else {
        guard isOpen, value.rounded() == value, abs(value) < 0x1p24, names.count < NameTable.most else {
          let text = values.text(row: row, column: 0)
          throw DataFileError(
            name, place: "row \(row)", found: "the class \(text)",
            expected: isOpen
              ? "a whole number below 2²⁴, and at most \(NameTable.most) different ones"
              : "one of \(Preprocessing.list(names))")
        }
        codes[value] = Float(names.count)
        pending.append(Float(names.count))
        names.append("\(Int(value))")
      }
      if pending.count == batch || row + 1 == values.rows {
        try buffer.append(pending)
        pending.removeAll(keepingCapacity: true)
      }
    }
    let bytes = try FileBytes(buffer)
    return .classes(names: names, codes: NumericArray(table: bytes, width: 1, columns: 0..<1))
  }
}
