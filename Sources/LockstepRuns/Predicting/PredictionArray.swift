import LockstepFormats
import LockstepKernels

/// Predictions as a NumPy array: float32, or for classes integers where all names are whole numbers, else text.
struct PredictionArray {
  /// Bytes before the elements: what NumPy writes too.
  static let headerSize = 128

  private let content: PredictionContent
  /// The name of each class, ready to be written.
  private let names: [[UInt8]]

  /// - Parameter content: columns whose elements are all of one type.
  init(_ content: PredictionContent) {
    self.content = content
    if case .classes(let names) = content { self.names = Self.elements(names) } else { names = [] }
  }

  /// Adds the elements of a sample to the end of `buffer`; see `PredictionTable`.
  func append(_ outputs: Vector, _ concluded: Vector, to buffer: inout [UInt8]) {
    switch content {
    case .classes: buffer += names[outputs.likeliestClass]
    case .labels:
      for index in 0..<outputs.count { buffer += Self.bytes(outputs[index] > 0 ? 1 : 0 as Int64) }
    default:
      let count = content.titles.count
      for index in 0..<count { buffer += Self.bytes(concluded.probability(index, of: count).bitPattern) }
    }
  }

  /// What stands before the elements of `rows` samples.
  func header(rows: Int) -> [UInt8] {
    let columns = content.titles.count
    var descr = "<f4"
    var isTable = columns > 1
    switch content {
    case .labels: descr = "<i8"
    case .classes(let names): descr = Self.isWhole(names) ? "<i8" : "<U\((self.names.first?.count ?? 4) / 4)"
    case .probabilities: isTable = true
    case .classesAndProbabilities, .labelsAndProbabilities, .numbers: break
    }
    let header = NPYHeader.encoded(descr, shape: isTable ? [rows, columns] : [rows])
    precondition(header.count == Self.headerSize, "a header of \(header.count) bytes")
    return header
  }

  /// The bytes of a number, little-endian.
  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func isWhole(_ names: [String]) -> Bool { names.allSatisfy { Int64($0).map(String.init) == $0 } }

  /// Names as elements of an array: 64-bit integers where they are whole numbers, else UTF-32 of the longest's length.
  private static func elements(_ names: [String]) -> [[UInt8]] {
    if isWhole(names) { return names.map { bytes(Int64($0) ?? 0) } }
    let longest = max(1, names.map(\.unicodeScalars.count).max() ?? 1)
    return names.map { name in
      let scalars = name.unicodeScalars.map(\.value) + Array(repeating: 0, count: longest - name.unicodeScalars.count)
      return scalars.flatMap { bytes($0) }
    }
  }
}
