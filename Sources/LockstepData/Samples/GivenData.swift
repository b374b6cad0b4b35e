import LockstepModel

/// What a configuration, and so a checkpoint, can tell of samples that a program gives: how many there are, what they
/// are, and what is learned of them. Not where they come from: that is known to the program alone.
///
/// ```yaml
/// data: {train: {given: {samples: 2000, shape: [16], classes: 4}}}
/// ```
public struct GivenData: Sendable, Equatable {
  /// Their number.
  public var samples: Int
  /// What a sample is.
  public var shape: Shape
  /// What is learned.
  public var task: LearningTask

  /// Nothing is checked here.
  public init(samples: Int, shape: Shape, task: LearningTask) {
    (self.samples, self.shape, self.task) = (samples, shape, task)
  }

  /// What can be told of a data set.
  public init(_ data: any Dataset) { self.init(samples: data.count, shape: data.shape, task: data.task) }
}
