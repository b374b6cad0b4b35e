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
    let name = SyntheticStreams.hash(split)
    features = RandomKey(seed: seed, purpose: .features, index: name)
    labels = RandomKey(seed: seed, purpose: .labels, index: name)
    task = RandomKey(seed: seed, purpose: .task)
  }

  /// 64-bit FNV-1a of the name's UTF-8 (Fowler, Noll, Vo 1991).
  static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
