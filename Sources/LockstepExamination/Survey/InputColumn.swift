import LockstepData
import LockstepModel

/// A column of a table, or a channel of an image, as the network sees it: some of its inputs, with figures of each.
struct InputColumn {
  /// The column's name, or which input it is.
  let title: String
  /// Its places among the inputs.
  let inputs: [Int]
  /// Whether its inputs are categories, one of which is 1.
  let isCategory: Bool
  /// What a number of the file was divided by.
  var unit = 1.0

  /// Of all inputs of the network.
  static func all(of shape: Shape, _ preprocessing: Preprocessing?) -> [InputColumn] {
    if shape.isImage {
      return (0..<shape.channels).map { channel in
        let places = Array(stride(from: channel, to: shape.count, by: shape.channels))
        return InputColumn(title: "channel \(channel)", inputs: places, isCategory: false)
      }
    }
    guard let columns = preprocessing?.columns, preprocessing?.features == shape.count else {
      return (0..<shape.count).map { InputColumn(title: "input \($0)", inputs: [$0], isCategory: false) }
    }
    var first = 0
    return columns.enumerated().map { number, column in
      defer { first += column.width }
      let unit = if case .number(_, let deviation) = column.encoding { deviation } else { 1.0 }
      return InputColumn(
        title: column.name.map { "column \"\($0)\"" } ?? "column \(number)",
        inputs: Array(first..<first + column.width), isCategory: column.categories != nil,
        unit: unit)
    }
  }
}

extension [InputColumn] {
  /// `column "a", column "b" and 3 more`
  var titles: String {
    let shown = prefix(4).map(\.title).joined(separator: ", ")
    return count > 4 ? "\(shown) and \(count - 4) more" : shown
  }
}
