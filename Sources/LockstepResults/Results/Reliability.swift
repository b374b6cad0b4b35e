/// Whether probabilities mean what they say: samples by the probability that they were given, each bin with its mean
/// and with the share of them that came true.
///
/// ```
/// bin m of M:  (m / M, (m + 1) / M]; 0 belongs to the first
/// ECE = Σₘ countₘ / n · |shareₘ − confidenceₘ|
/// ```
/// Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks", https://arxiv.org/abs/1706.04599
public struct Reliability: Sendable, Equatable {
  /// The samples whose probability lies in one part of 0 … 1.
  public struct Bin: Sendable, Equatable {
    /// How many they are.
    public internal(set) var count = 0
    var confidences = 0.0
    var hits = 0

    /// The mean of their probabilities; nil where there are none.
    public var confidence: Double? { count == 0 ? nil : confidences / Double(count) }
    /// The share of them that came true; nil where there are none.
    public var share: Double? { count == 0 ? nil : Double(hits) / Double(count) }
  }

  /// As many as in Guo et al.
  public static let bins = 15

  /// From 0 to 1, of equal width.
  public private(set) var bins = [Bin](repeating: Bin(), count: Reliability.bins)

  mutating func add(_ probability: Double, isTrue: Bool) {
    let place = Int((probability * Double(bins.count)).rounded(.up)) - 1
    let index = min(bins.count - 1, max(0, place))
    bins[index].count += 1
    bins[index].confidences += probability
    if isTrue { bins[index].hits += 1 }
  }

  /// The expected calibration error; 0 for no samples.
  public var expectedError: Double {
    let samples = bins.reduce(0) { $0 + $1.count }
    if samples == 0 { return 0 }
    return bins.reduce(0) { sum, bin in
      sum + abs(Double(bin.hits) - bin.confidences) / Double(samples)
    }
  }
}
