import LockstepKernels

/// What a step has done to one layer's weight.
struct WeightUpdate: Equatable {
  /// ‖ΔW‖ / ‖W‖; nil for a weight of zeros.
  let ratio: Double?
  /// Of the elements with a gradient, the share that is as it was, to the last bit; nil where none has one.
  let lost: Double?
  /// Of the same elements, the share that is as it was once it is rounded to bfloat16.
  let hidden: Double?

  /// - Parameter gradient: of the batch, before it is clipped or decays.
  init(from old: [Float], to new: [Float], gradient: [Float]) {
    var (change, size) = (0.0, 0.0)
    var (moved, lost, hidden) = (0, 0, 0)
    for index in old.indices {
      let (was, difference) = (Double(old[index]), Double(new[index]) - Double(old[index]))
      size += was * was
      change += difference * difference
      guard gradient[index] != 0 else { continue }
      moved += 1
      lost += old[index] == new[index] ? 1 : 0
      hidden += old[index].bfloat16 == new[index].bfloat16 ? 1 : 0
    }
    ratio = size > 0 ? (change / size).squareRoot() : nil
    func share(_ count: Int) -> Double? { moved > 0 ? Double(count) / Double(moved) : nil }
    (self.lost, self.hidden) = (share(lost), share(hidden))
  }
}
