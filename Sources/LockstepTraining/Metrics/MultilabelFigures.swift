import LockstepKernels
import LockstepModel

/// How well labels are predicted of which a sample may have any number, gathered sample by sample: a matrix of two
/// classes a label, 1 where a sample has it.
///
/// ```
/// subset accuracy = samples with all labels right / samples
/// macro F1 = Σₖ F1ₖ / labels                               likewise precision and recall
/// micro F1 = 2 · Σₖ rightₖ / Σₖ (predictedₖ + trueₖ)        over the positives of all labels
/// ROC AUC: the mean over the labels that have one
/// ```
/// A ratio without a denominator is 0, and has its part in a mean, as in scikit-learn — Tsoumakas, Katakis 2007,
/// "Multi-label classification: an overview".
public struct MultilabelFigures: Sendable, Equatable {
  /// A matrix of two classes a label: 0 where a sample does not have it, 1 where it has.
  public private(set) var labels: [ConfusionMatrix]
  /// How many were evaluated.
  public private(set) var samples = 0
  private var exact = 0
  private var scores: KeptScores
  /// Whether each sample has the label, label by label, beside the scores.
  private var isPositive: [[Bool]]

  /// - Parameters:
  ///   - samples: how many will come; of too many no scores are kept, and there are no areas.
  ///   - ranks: whether there are areas.
  package init(labels: Int, samples: Int, ranks: Bool = true) {
    self.labels = Array(repeating: ConfusionMatrix(classes: 2), count: labels)
    scores = KeptScores(labels, samples: samples, isWanted: ranks)
    isPositive = Array(repeating: [], count: labels)
  }

  /// - Parameters:
  ///   - targets: 1 where the sample has the label, else 0; one a label.
  ///   - logits: above 0 where the label is predicted, as many.
  package mutating func add(true targets: Vector, logits: Vector) {
    precondition(targets.count == labels.count && logits.count == labels.count, "one value a label")
    var isExact = true
    for label in labels.indices {
      let (truth, guess) = (targets[label] > 0.5, logits[label] > 0)
      labels[label].add(true: truth ? 1 : 0, predicted: guess ? 1 : 0)
      if truth != guess { isExact = false }
      guard scores.columns != nil else { continue }
      scores.add(Double(logits[label]), to: label)
      isPositive[label].append(truth)
    }
    samples += 1
    if isExact { exact += 1 }
  }

  /// Share of samples with all labels right.
  public var subsetAccuracy: Double { samples == 0 ? 0 : Double(exact) / Double(samples) }

  /// F1 of the positives of all labels together.
  public var microF1: Double { labels.reduce(ConfusionMatrix(classes: 2), +).f1(1) }

  /// The mean of a figure over the labels.
  package func macro(_ figure: (ConfusionMatrix) -> Double) -> Double {
    labels.isEmpty ? 0 : labels.reduce(0) { $0 + figure($1) } / Double(labels.count)
  }

  /// The area under the receiver operating characteristic of each label; nil where all samples have it, or none, or
  /// where scores were not kept.
  public var areas: [Double?] {
    labels.indices.map { label in
      scores.columns.flatMap { ROC.area(scores: $0[label], isPositive: isPositive[label]) }
    }
  }

  /// - Parameter areas: as `areas` has them.
  func metrics(_ areas: [Double?]) -> [(metric: Metric, value: Double)] {
    [
      (.subsetAccuracy, subsetAccuracy), (.precision, macro { $0.precision(1) }), (.recall, macro { $0.recall(1) }),
      (.f1, macro { $0.f1(1) }), (.microF1, microF1),
    ] + (ROC.mean(areas).map { [(.rocAUC, $0)] } ?? [])
  }
}
