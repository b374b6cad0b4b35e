/// The axes of a tensor, each by what it means, so that fans, norms and products are counted in one place whatever the
/// rank.
///
/// Every tensor is also a matrix [rows, columns], row-major as it stands in memory: a column holds all that one unit or
/// filter multiplies its inputs by.
package enum TensorShape: Sendable, Hashable {
  /// [count]: a number for every unit or channel, or one for all.
  case vector(Int)
  /// [inputs, units], as of y = x W.
  case matrix(inputs: Int, units: Int)
  /// [height, width, channels, filters], channels those of the input.
  case filters(height: Int, width: Int, channels: Int, filters: Int)
  /// [height, width, channels]: a filter for every channel.
  case depthwise(height: Int, width: Int, channels: Int)

  /// The length of every axis, as files hold them.
  package var dimensions: [Int] {
    switch self {
    case .vector(let count): [count]
    case .matrix(let inputs, let units): [inputs, units]
    case .filters(let height, let width, let channels, let filters): [height, width, channels, filters]
    case .depthwise(let height, let width, let channels): [height, width, channels]
    }
  }

  /// Elements in all.
  package var count: Int { rows * columns }

  /// Of the matrix: the inputs that a unit or filter sums over at one position; 1 for a vector.
  package var rows: Int {
    switch self {
    case .vector: 1
    case .matrix(let inputs, _): inputs
    case .filters(let height, let width, let channels, _): height * width * channels
    case .depthwise(let height, let width, _): height * width
    }
  }

  /// Of the matrix: units, filters, or a vector's elements. The norm that `max_norm` bounds is that of a column.
  package var columns: Int {
    switch self {
    case .vector(let count): count
    case .matrix(_, let units): units
    case .filters(_, _, _, let filters): filters
    case .depthwise(_, _, let channels): channels
    }
  }

  /// How many inputs an output is a sum over, and how many outputs an input is part of, as initializers take them. A
  /// vector has its elements for both; filters have as many outputs as they have places, as in Keras; a
  /// depthwise filter's are those of its channel alone, which Keras multiplies by all channels.
  package var fans: (in: Int, out: Int) {
    switch self {
    case .vector(let count): (count, count)
    case .matrix(let inputs, let units): (inputs, units)
    case .filters(let height, let width, let channels, let filters):
      (height * width * channels, height * width * filters)
    case .depthwise(let height, let width, _): (height * width, height * width)
    }
  }

  /// The multiply-adds of x W at one position of one row.
  package var multiplyAdds: Double { Double(rows) * Double(columns) }
}
