import LockstepKernels
import LockstepTraining

/// What a sample of each class counts in the objective: wᵢ in (1/B) Σ wᵢ lᵢ over a batch of B samples. Evaluation does not ask for it.
public enum ClassWeights: Sendable, Equatable {
  public struct Named: Sendable, Equatable {
    public var name: String
    public var weight: Float
    public init(_ name: String, _ weight: Float) { (self.name, self.weight) = (name, weight) }
  }

  /// n / (k · n_c) for n training samples, n_c of them of class c, k classes that occur: every class counts the same as a whole — King, Zeng 2001, "Logistic
  /// regression in rare events data", https://doi.org/10.1093/oxfordjournals.pan.a004868; scikit-learn's `compute_class_weight`.
  case balanced
  /// One a class, in the order of the classes.
  case list([Float])
  /// By name; a class that is left out counts 1.
  case named([Named])

  /// Samples of a generator that are counted at most: each of them has to be made.
  static let mostCounted = 1 << 24

  /// One weight a class.
  ///
  /// - Parameter names: of the classes, in order.
  func resolved(on data: any Dataset, names: [String]) throws(DatasetError) -> [Float] {
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
      let counts = try data.classCounts(classes: names.count)
      let occurring = counts.count { $0 > 0 }
      return counts.map { $0 == 0 ? 0 : Float(Double(data.count) / (Double(occurring) * Double($0))) }
    }
  }
}
