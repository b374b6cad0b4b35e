import LockstepKernels

/// Predictions as rows of a table of text — RFC 4180, with the line ends of Unix.
struct PredictionTable {
  private let content: PredictionContent
  /// The name of each class, ready to be written.
  private let names: [[UInt8]]
  private static let comma = UInt8(ascii: ",")
  private static let lineEnd = UInt8(ascii: "\n")

  init(_ content: PredictionContent) {
    self.content = content
    switch content {
    case .classes(let names), .classesAndProbabilities(let names): self.names = names.map { Self.cell($0.utf8) }
    case .labels, .probabilities, .labelsAndProbabilities, .numbers: names = []
    }
  }

  /// The line of the names.
  ///
  /// - Parameter kept: columns of the input that stand before the predictions.
  func header(besides kept: [String]) -> [UInt8] {
    Array((kept + content.titles).map { Self.cell($0.utf8) }.joined(separator: [Self.comma])) + [Self.lineEnd]
  }

  /// Adds the row of a sample to the end of `buffer`.
  ///
  /// - Parameters:
  ///   - outputs: the network's for this sample.
  ///   - concluded: probabilities, or numbers in their units.
  func append(_ outputs: Vector, _ concluded: Vector, to buffer: inout [UInt8]) {
    switch content {
    case .classes: buffer += names[outputs.likeliestClass]
    case .labels:
      for index in 0..<outputs.count { append(outputs[index] > 0 ? 0x31 : 0x30, behind: index, to: &buffer) }
    case .probabilities(let names): append(probabilities: concluded, names.count, to: &buffer)
    case .classesAndProbabilities(let all):
      buffer += names[outputs.likeliestClass] + [Self.comma]
      append(probabilities: concluded, all.count, to: &buffer)
    case .labelsAndProbabilities:
      for index in 0..<outputs.count {
        append(outputs[index] > 0 ? 0x31 : 0x30, behind: index, to: &buffer)
        buffer.append(Self.comma)
        buffer.append(contentsOf: "\(concluded[index])".utf8)
      }
    case .numbers: append(probabilities: concluded, concluded.count, to: &buffer)
    }
    buffer.append(Self.lineEnd)
  }

  private func append(_ digit: UInt8, behind index: Int, to buffer: inout [UInt8]) {
    if index > 0 { buffer.append(Self.comma) }
    buffer.append(digit)
  }

  private func append(probabilities: Vector, _ count: Int, to buffer: inout [UInt8]) {
    for index in 0..<count {
      if index > 0 { buffer.append(Self.comma) }
      buffer.append(contentsOf: "\(probabilities.probability(index, of: count))".utf8)
    }
  }

  /// A cell that holds `text`, in quotes where otherwise it would read as several cells, as an empty one, or without
  /// the blanks around it.
  static func cell(_ text: some BidirectionalCollection<UInt8>) -> [UInt8] {
    let isBlank = { (byte: UInt8?) in byte == 0x20 || byte == 0x09 }
    let needsQuotes =
      text.isEmpty || isBlank(text.first) || isBlank(text.last)
      || text.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    guard needsQuotes else { return Array(text) }
    return [0x22] + text.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22]
  }
}
