/// A length of training, in steps or in epochs. A number alone means steps: `every: 100`.
public enum Interval: Sendable, Equatable, ExpressibleByIntegerLiteral {
  /// So many updates of the weights.
  case steps(Int)
  /// So many passes over the training samples.
  case epochs(Int)

  /// A number alone means steps.
  public init(integerLiteral steps: Int) { self = .steps(steps) }

  /// In steps; `Int.max` where 64 bits do not hold it.
  ///
  /// - Parameter epoch: steps of an epoch; nil where nothing is counted in epochs.
  package func steps(ofEpoch epoch: Int?) -> Int {
    switch self {
    case .steps(let steps): return steps
    case .epochs(let epochs):
      guard let epoch else { preconditionFailure("\(epochs) epochs of nobody knows how many steps") }
      let (steps, overflow) = epochs.multipliedReportingOverflow(by: epoch)
      return overflow ? .max : steps
    }
  }

  /// How many steps, or how many epochs.
  package var count: Int {
    switch self {
    case .steps(let count), .epochs(let count): count
    }
  }

  /// The key under which its count is written: `steps`.
  package var unit: String {
    switch self {
    case .steps: "steps"
    case .epochs: "epochs"
    }
  }
}
