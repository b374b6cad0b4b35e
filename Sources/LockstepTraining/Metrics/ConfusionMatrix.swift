import LockstepKernels

/// How often each class was taken for each other, and what follows from it.
///
/// ```
/// precision = right / predicted     recall = right / true     F1 = 2 · right / (predicted + true)
/// ```
/// A ratio without a denominator is 0.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Beyond so many classes `rows` is nil; the figures of the classes are kept.
  package static let mostClasses = 1024

  /// How many there are; a class is its index from 0.
  public let classes: Int
  /// Row-major, the true class above, the predicted one beside; empty beyond `mostClasses`.
  private var cells: [Int]
  private var right: [Int]
  private var predicted: [Int]
  /// Samples of each true class.
  public private(set) var support: [Int]

  package init(classes: Int) {
    self.classes = classes
    cells = Array(repeating: 0, count: classes <= Self.mostClasses ? classes * classes : 0)
    right = Array(repeating: 0, count: classes)
    (predicted, support) = (right, right)
  }

  package mutating func add(true label: Int, predicted guess: Int) {
    if !cells.isEmpty { cells[label * classes + guess] += 1 }
    support[label] += 1
    predicted[guess] += 1
    if label == guess { right[label] += 1 }
  }

  /// Of the samples of both.
  package static func + (a: ConfusionMatrix, b: ConfusionMatrix) -> ConfusionMatrix {
    precondition(a.classes == b.classes, "matrices of \(a.classes) and \(b.classes) classes")
    func sum(_ a: [Int], _ b: [Int]) -> [Int] { zip(a, b).map { $0 + $1 } }
    var result = a
    (result.cells, result.right) = (sum(a.cells, b.cells), sum(a.right, b.right))
    (result.predicted, result.support) = (sum(a.predicted, b.predicted), sum(a.support, b.support))
    return result
  }

  /// Counts of samples: `rows[true][predicted]`; nil for more than 1,024 classes.
  public var rows: [[Int]]? {
    cells.isEmpty ? nil : (0..<classes).map { Array(cells[$0 * classes..<($0 + 1) * classes]) }
  }

  /// right / predicted of the class `index`.
  public func precision(_ index: Int) -> Double { Self.ratio(right[index], predicted[index]) }
  /// right / true of the class `index`.
  public func recall(_ index: Int) -> Double { Self.ratio(right[index], support[index]) }
  /// 2 · right / (predicted + true) of the class `index`.
  public func f1(_ index: Int) -> Double { Self.ratio(2 * right[index], predicted[index] + support[index]) }

  /// Share of all samples that were predicted right.
  public var accuracy: Double { Self.ratio(right.reduce(0, +), support.reduce(0, +)) }

  /// The mean of a figure over the classes that occur, among the samples or the predictions.
  package func macro(_ figure: (Int) -> Double) -> Double {
    let occurring = (0..<classes).filter { support[$0] + predicted[$0] > 0 }
    return occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + figure($1) } / Double(occurring.count)
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
