/// What one sample is at a layer: its axes, channels last.
package enum Shape: Sendable, Hashable, CustomStringConvertible {
  /// One number a feature or unit.
  case features(Int)
  /// A number for every channel at every position.
  case image(height: Int, width: Int, channels: Int)

  /// Numbers in all: what a row of a batch has.
  package var count: Int { positions * channels }

  /// Numbers at a position: features or units, or channels. What a BatchNorm normalises one by one.
  package var channels: Int {
    switch self {
    case .features(let count): count
    case .image(_, _, let channels): channels
    }
  }

  /// Positions that have all channels: 1, or height × width.
  package var positions: Int {
    switch self {
    case .features: 1
    case .image(let height, let width, _): height * width
    }
  }

  /// `784`, or `28 × 28 × 1`.
  public var description: String {
    switch self {
    case .features(let count): "\(count)"
    case .image(let height, let width, let channels): "\(height) × \(width) × \(channels)"
    }
  }
}
