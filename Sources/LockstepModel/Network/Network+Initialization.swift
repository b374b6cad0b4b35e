import LockstepKernels

extension Network {
  /// Writes the initial parameters and running statistics. Every element follows from the seed, the tensor and its
  /// index.
  ///
  /// - Parameter range: which tensors, so that several workers can share the work.
  package func initialize(parameters arena: Arena, tensors range: Range<Int>) {
    for index in range {
      let entry = parameters.entries[index]
      initializers[index].fill(
        arena.vector(entry), shape: entry.shape,
        key: RandomKey(seed: seed, purpose: .initialization, index: UInt64(index)))
    }
  }

  /// Writes a random matrix with orthonormal rows or columns into a weight; it follows from the seed and the tensor.
  package func orthonormalize(parameters arena: Arena, tensor index: Int) {
    let entry = parameters.entries[index]
    Initializer.orthogonal(gain: 1).fill(
      arena.vector(entry), shape: entry.shape,
      key: RandomKey(seed: seed, purpose: .initialization, index: UInt64(index)))
  }

  /// Running means start at 0, variances at 1.
  package func initialize(running arena: Arena) {
    for entry in runningStatistics.entries {
      arena.vector(entry).fill(entry.role == .runningVariance ? 1 : 0)
    }
  }
}
