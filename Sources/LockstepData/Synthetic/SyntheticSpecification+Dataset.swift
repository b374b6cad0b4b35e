import LockstepKernels
import LockstepModel

extension SyntheticSpecification {
  /// The data set described.
  ///
  /// - Parameter runSeed: the seed to use where `seed` is nil.
  /// - Throws: `DatasetError` that says what is wrong with the description.
  public func makeDataset(runSeed: UInt64) throws(DatasetError) -> any Dataset {
    try withFloatingPointEnvironment { () throws(DatasetError) in try dataset(runSeed) }
  }

  private func dataset(_ runSeed: UInt64) throws(DatasetError) -> any Dataset {
    if let problem = problems.first {
      throw DatasetError("synthetic \(kind.name): \(problem)")
    }
    let seed = seed ?? runSeed
    switch kind {
    case .gaussianClusters(let separation):
      return GaussianClusters(separation: separation, classes: classes ?? 0, self, seed: seed)
    case .teacher(let depth, let width, let activation, let noise):
      return Teacher(depth: depth, width: width, activation: activation, noise: noise, self, seed: seed)
    case .spirals(let turns, let noise):
      return Spirals(turns: turns, noise: noise, classes: classes ?? 0, self, seed: seed)
    case .sparseParity(let parityBits, let noise):
      return SparseParity(parityBits: parityBits, noise: noise, self, seed: seed)
    case .friedman(let noise):
      return Friedman(noise: noise, self, seed: seed)
    case .textures(let height, let width, let channels, let noise),
      .shapes(let height, let width, let channels, let noise):
      return pictures((height, width, channels, noise), seed: seed)
    }
  }

  private func pictures(_ settings: Generator.PictureSettings, seed: UInt64) -> SyntheticPictures {
    let (classes, streams) = (classes ?? 0, SyntheticStreams(seed: seed, split: split))
    let kernel: any PictureKernel =
      if case .textures = kind {
        Textures.kernel(settings, classes: classes, isStandardized: standardize, task: streams.task)
      } else {
        Drawings.kernel(settings, classes: classes, isStandardized: standardize)
      }
    return SyntheticPictures(self, seed: seed, classes: classes, streams, kernel)
  }

  /// Classes of a classification task, nil for others.
  var classes: Int? {
    if case .classification(let classes) = task { classes } else { nil }
  }

  /// One line that tells this data set from any other.
  func fingerprint(seed: UInt64) -> String {
    let targets =
      switch task {
      case .classification(let classes): "classes: \(classes)"
      case .regression(let targets): "targets: \(targets)"
      case .labels(let labels): "labels: \(labels)"
      }
    return "synthetic \(kind.name)(\(kind.settingsText)) samples: \(samples) features: \(features) \(targets) "
      + "split: \(split) standardize: \(standardize) seed: \(seed)"
  }
}

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
