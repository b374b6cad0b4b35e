/// What one sample is at a layer: its axes, channels last.
public enum Shape: Sendable, Hashable, CustomStringConvertible {
  /// One number a feature or unit.
  case features(Int)
  /// A number for every channel at every position.
  case image(height: Int, width: Int, channels: Int)

  /// Numbers in all: what a row of a batch has.
  public var count: Int { positions * channels }

  /// Numbers at a position: features or units, or channels. What a BatchNorm normalises one by one.
  public var channels: Int {
    switch self {
    case .features(let count): count
    case .image(_, _, let channels): channels
    }
  }

  /// Positions that have all channels: 1, or height × width.
  public var positions: Int {
    switch self {
    case .features: 1
    case .image(let height, let width, _): height * width
    }
  }

  /// The length of every axis, as files hold them.
  package var sides: [Int] {
    switch self {
    case .features(let count): [count]
    case .image(let height, let width, let channels): [height, width, channels]
    }
  }

  /// Whether it has positions and channels.
  package var isImage: Bool {
    if case .image = self { true } else { false }
  }

  /// Whether there is something of everything, and not more than a value may have.
  var isPossible: Bool {
    switch self {
    case .features(let count): return (1...Model.widest).contains(count)
    case .image(let height, let width, let channels):
      guard sides.allSatisfy({ (1...Model.widest).contains($0) }) else { return false }
      let (row, overflow) = (height * width).multipliedReportingOverflow(by: channels)
      return !overflow && row <= Model.widest
    }
  }

  /// `784 features`, or `images of 28 × 28 × 1`.
  package var phrase: String {
    switch self {
    case .features: "\(self) features"
    case .image: "images of \(self)"
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
