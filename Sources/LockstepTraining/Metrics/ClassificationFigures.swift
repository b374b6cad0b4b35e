import LockstepKernels
import LockstepModel

/// How well classes are predicted of which a sample has one, gathered sample by sample.
///
/// ```
/// top-5 accuracy = samples whose class is among the five likeliest / samples
/// precision, recall, F1: means over the classes that occur; see ConfusionMatrix
/// ROC AUC: of each class against all others, the mean over the classes that have one
/// ```
public struct ClassificationFigures: Sendable, Equatable {
  static let topK = 5

  /// How often each class was taken for each other.
  public private(set) var matrix: ConfusionMatrix
  /// How many were evaluated.
  public private(set) var samples = 0
  private var amongTop = 0
  private var scores: KeptScores
  private var classes: [Int32] = []

  /// - Parameters:
  ///   - samples: how many will come; of too many no scores are kept, and there are no areas.
  ///   - ranks: whether there are areas.
  package init(classes: Int, samples: Int, ranks: Bool = true) {
    matrix = ConfusionMatrix(classes: classes)
    // Of two classes, one score tells all.
    scores = KeptScores(classes == 2 ? 1 : classes, samples: samples, isWanted: ranks)
  }

  /// - Parameter logits: one a class, or of two classes that of the second alone.
  package mutating func add(true label: Int, logits: Vector) {
    samples += 1
    matrix.add(true: label, predicted: logits.likeliestClass)
    if matrix.classes > Self.topK, logits.rank(of: label) < Self.topK { amongTop += 1 }
    guard scores.columns != nil else { return }
    classes.append(Int32(label))
    if logits.count == 1 {
      scores.add(Double(logits[0]), to: 0)
    } else if matrix.classes == 2 {
      scores.add(Double(logits[1]) - Double(logits[0]), to: 0)
    } else {
      logits.forEachLogOdds { scores.add($1, to: $0) }
    }
  }

  /// The area under the receiver operating characteristic of each class against all others; of two classes both have
  /// one area. nil where there is no sample of the class, or none of another, or where scores were not kept.
  public var areas: [Double?] {
    guard let columns = scores.columns else { return Array(repeating: nil, count: matrix.classes) }
    if matrix.classes == 2 {
      let area = ROC.area(scores: columns[0], isPositive: classes.map { $0 == 1 })
      return [area, area]
    }
    return columns.enumerated().map { index, scores in
      ROC.area(scores: scores, isPositive: classes.map { $0 == index })
    }
  }

  /// - Parameter areas: as `areas` has them.
  func metrics(_ areas: [Double?]) -> [(metric: Metric, value: Double)] {
    let top = matrix.classes > Self.topK ? [(Metric.top5Accuracy, Double(amongTop) / Double(samples))] : []
    return top + [
      (.precision, matrix.macro(matrix.precision)), (.recall, matrix.macro(matrix.recall)),
      (.f1, matrix.macro(matrix.f1)),
    ] + (ROC.mean(areas).map { [(.rocAUC, $0)] } ?? [])
  }
}
