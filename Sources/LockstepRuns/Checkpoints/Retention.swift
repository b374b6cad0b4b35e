/// Which checkpoints stay, beside the newest few that a store keeps.
public struct Retention: Sendable, Equatable {
  /// The steps of single ones, such as the best evaluation's.
  public var steps: Set<Int>
  /// Those at the multiples of this stay for good; nil for none.
  public var every: Int?

  public init(steps: Set<Int> = [], every: Int? = nil) {
    precondition(every.map { $0 >= 1 } ?? true)
    self.steps = steps
    self.every = every
  }

  /// Whether the checkpoint of `step` is not to be deleted.
  public func spares(_ step: Int) -> Bool {
    steps.contains(step) || step > 0 && every.map { step % $0 == 0 } ?? false
  }
}
