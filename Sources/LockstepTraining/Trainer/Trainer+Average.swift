import LockstepKernels

// The moving average of the weights, which inference takes.
extension Trainer {
  /// Begins the average anew from the parameters as they are: to be done before the first step where the initial
  /// parameters have been overwritten.
  public func restartAverage() {
    ranks?.tell(.restartAverage)
    beginAverage()
  }

  /// Every rank takes part in it.
  func beginAverage() {
    coordinator.average?.all.copy(from: coordinator.parameters.all)
  }

  /// Does `body` with the average in the place of the parameters, if there is one and it is to be used.
  func withInferenceWeights<Result>(
    _ body: () throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result {
    guard coordinator.average != nil, infersFromAverage else { return try body() }
    ranks?.tell(.exchangeAverage(isShared: true))
    exchangeAverage(sharing: true)
    defer {
      ranks?.tell(.exchangeAverage(isShared: false))
      exchangeAverage(sharing: false)
    }
    return try body()
  }

  /// Puts the average in the place of the parameters, and them in its own; every rank takes part in it.
  ///
  /// - Parameter isShared: whether each rank has the part of the average that it updates, which all have to know first.
  func exchangeAverage(sharing isShared: Bool) {
    guard let average = coordinator.average else { return }
    if isShared { coordinator.exchange.share { $0.share(average) } }
    exchange(average.all, coordinator.parameters.all)
  }
}

/// Each takes the elements of the other, a piece at a time that stays in cache.
private func exchange(_ a: Vector, _ b: Vector) {
  let size = 1 << 12
  let scratch = Arena(count: size)
  for start in stride(from: 0, to: a.count, by: size) {
    let piece = start..<min(start + size, a.count)
    let old = scratch.all[0..<piece.count]
    old.copy(from: a[piece])
    a[piece].copy(from: b[piece])
    b[piece].copy(from: old)
  }
}
