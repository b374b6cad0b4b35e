import LockstepData
import LockstepKernels
import LockstepTraining

/// How much a sample of each class counts in the objective: wᵢ in (1/B) Σ wᵢ lᵢ over a batch of B samples. Evaluation
/// does not use it.
public enum ClassWeights: Sendable, Equatable {
  /// The weight of one class.
  public struct Named: Sendable, Equatable {
    /// The class as the file calls it; of generated classes the number, from 0.
    public var name: String
    /// At least 0; 1 is what a class counts otherwise.
    public var weight: Float
    /// The weight of the class `name`.
    public init(_ name: String, _ weight: Float) { (self.name, self.weight) = (name, weight) }
  }

  /// n / (k · n_c) for n training samples, of which n_c are of class c, and k classes that occur: all samples of a
  /// class together count as much as those of any other — King, Zeng 2001, "Logistic regression in rare events data",
  /// https://doi.org/10.1093/oxfordjournals.pan.a004868; scikit-learn's `compute_class_weight`.
  case balanced
  /// A weight for each class, in the order of the classes.
  case list([Float])
  /// Weights by the names of classes; a class that is left out counts 1.
  case named([Named])

  /// Most samples of a generator whose classes are counted, because each has to be made.
  static let mostCounted = 1 << 24

  /// The weight of each class.
  ///
  /// - Parameter names: of the classes, in order.
  package func resolved(on data: any Dataset, names: [String]) throws(DatasetError) -> [Float] {
    switch self {
    case .list(let weights): return weights
    case .named(let weights):
      let labels = Labels(named: names)
      var resolved = [Float](repeating: 1, count: names.count)
      // Of several ways of writing a name the first counts.
      for weight in weights.reversed() {
        if let place = labels.place(of: weight.name) { resolved[place] = weight.weight }
      }
      return resolved
    case .balanced:
      let counts = try Self.counts(of: data, classes: names.count)
      let occurring = counts.count { $0 > 0 }
      return counts.map { $0 == 0 ? 0 : Float(Double(data.count) / (Double(occurring) * Double($0))) }
    }
  }

  /// Samples of each class.
  private static func counts(of data: any Dataset, classes: Int) throws(DatasetError) -> [Int] {
    var counts = [Int](repeating: 0, count: classes)
    let memory = Arena(count: 1024)
    for start in stride(from: 0, to: data.count, by: 1024) {
      let samples = Array(start..<min(start + 1024, data.count))
      let targets = memory.matrix(at: 0, rows: samples.count, columns: 1)
      try data.fillTargets(samples.span, targets)
      for row in 0..<samples.count {
        let label = targets[row, 0]
        guard label >= 0, label < Float(classes) else {
          throw DatasetError("sample \(start + row): found the label \(label), expected one of \(classes) classes")
        }
        counts[Int(label)] += 1
      }
    }
    return counts
  }
}
