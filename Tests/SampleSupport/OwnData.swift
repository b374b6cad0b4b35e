import LockstepData
import LockstepKernels

/// A data set as a program would write it: a sample is computed from its number, and classes are rings around 0.
public struct OwnData: Dataset {
  public let count: Int
  /// Which samples they are.
  public var first = 0
  public let features = 2
  public let task = LearningTask.classification(classes: 3)
  public var fingerprint: String { "rings \(first) ..< \(first + count)" }

  public init(_ count: Int, first: Int = 0) { (self.count, self.first) = (count, first) }

  public func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    for row in indices.indices {
      let number = first + indices[row]
      let (side, other) = (Float(number * 37 % 101) / 50 - 1, Float(number * 53 % 97) / 48 - 1)
      x[row, 0] = side
      x[row, 1] = other
      let distance = (side * side + other * other).squareRoot()
      y[row, 0] = distance < 0.5 ? 0 : distance < 0.9 ? 1 : 2
    }
  }
}
