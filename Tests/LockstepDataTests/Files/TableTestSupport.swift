import LockstepKernels
import SampleSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// The rows of an array as float32.
func rows(of array: NumericArray) -> [[Float]] {
  let memory = Arena(count: array.columns)
  return (0..<array.rows).map { index in
    array.read(row: index, into: memory.all)
    return memory.all.array
  }
}

extension FileData.Description {
  /// A table of text with a class in its column `target`.
  static func csv(
    _ path: String, target: ColumnReference = .name("y"), kind: TargetKind = .classes, split: DataSplit? = nil,
    standardize: Bool = false, missing: Bool = false, change: (inout CSVSource) -> Void = { _ in }
  ) -> FileData.Description {
    var source = CSVSource(path: path, targets: [target])
    change(&source)
    return FileData.Description(
      train: .csv(source), split: split, isStandardized: standardize, fillsMissing: missing, kind: kind)
  }
}

/// The training samples that a description makes of files.
func training(_ description: FileData.Description) throws -> (data: FileData, inputs: [[Float]], targets: [[Float]]) {
  let data = try FileData(opening: description)
  let all = try samples(of: data.sets.train)
  return (data, all.inputs, all.targets)
}

/// The description of the error that opening files ends with; empty where there is none.
func problem(_ description: FileData.Description) -> String {
  do {
    _ = try FileData(opening: description)
    return ""
  } catch { return "\(error)" }
}
