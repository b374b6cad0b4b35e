/// Rows and columns: of an image, or of what passes over it. A number alone means as many of both: `kernel: 3`.
public struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// So many rows and columns.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }

  /// A square.
  public init(integerLiteral side: Int) { self.init(side, side) }

  /// Places: height · width.
  package var count: Int { height * width }

  /// `3 × 5`.
  package var text: String { "\(height) × \(width)" }
}
