import LockstepKernels

/// Where a synthetic data set takes its random numbers from: the task from the seed alone, a sample from (seed,
/// split, index).
struct SyntheticStreams: Sendable, Equatable {
  /// Inputs: `features.stream(sample)`, element c is feature c.
  let features: RandomKey
  /// Labels and noise: `labels.stream(sample)`.
  let labels: RandomKey
  /// What all splits share: `task.stream(table)`.
  let task: RandomKey

  init(seed: UInt64, split: String) {
    let name = FNV1a.hash(split.utf8)
    features = RandomKey(seed: seed, purpose: .features, index: name)
    labels = RandomKey(seed: seed, purpose: .labels, index: name)
    task = RandomKey(seed: seed, purpose: .task)
  }
}
