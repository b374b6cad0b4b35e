import LockstepConfiguration
import LockstepFormats
import LockstepKernels
import LockstepRuns

extension Search {
  /// A key of the configuration, and where a search draws its values from.
  public struct Setting: Sendable, Equatable {
    /// What values are drawn from.
    public enum Domain: Sendable, Equatable {
      /// One of these values, each as likely as any; YAML as in `Variation.values`.
      case choices([String])
      /// A number between these two, uniformly.
      case uniform(ClosedRange<Double>)
      /// A number between these two, both above 0, whose logarithm is uniform.
      case logUniform(ClosedRange<Double>)
    }

    /// As in `Variation.key`.
    public var key: String
    /// What values are drawn from.
    public var domain: Domain
    /// Whether the key takes whole numbers alone, which a plan finds out. Then each of a range's, and its two ends, is
    /// as likely as it is to be rounded to.
    public internal(set) var isWhole = false

    /// Nothing is checked before a search is planned with it.
    public init(key: String, domain: Domain) { (self.key, self.domain) = (key, domain) }

    /// What a trial draws, uniform in [0, 1): a function of the seed, the trial's number and the key alone. Keys take
    /// part by their names, so that another key leaves it as it is.
    ///
    /// - Parameter candidate: 0, or which of those that the trial is chosen from, by this setting or, for the key "",
    ///   by all of them.
    static func share(ofTrial number: Int, candidate: Int = 0, key: String, seed: UInt64) -> Double {
      let digest = SHA256Digest.hexadecimal(of: Array(key.utf8))
      let key = RandomKey(seed: seed, purpose: .search, index: UInt64(digest.prefix(16), radix: 16) ?? 0)
      let words = key.stream(UInt64(number), row: UInt32(candidate)).words(count: 2)
      return Double(UInt64(words[0]) << 21 | UInt64(words[1]) >> 11) * 0x1p-53
    }

    /// The value for a share of the range or of the list, in 0 ..< 1, as YAML.
    ///
    /// Numbers have as many digits as a person would give them: they are multiples of a power of ten that is a
    /// thousandth of the range or less, and of the number where it is drawn by its logarithm.
    func value(at share: Double) -> String {
      switch domain {
      case .choices(let values): return values[ParzenEstimator.value(share, of: values.count)]
      case .uniform(let range):
        let (low, high) = ends(range)
        return text(low + share * (high - low), in: range, size: range.upperBound - range.lowerBound)
      case .logUniform(let range):
        let (low, high) = ends(range)
        let value = Scalar.exp(Scalar.log(low) + share * (Scalar.log(high) - Scalar.log(low)))
        return text(value, in: range, size: min(value, range.upperBound - range.lowerBound))
      }
    }

    /// Half a number more at both ends of whole numbers, so that the ends are drawn as often as others.
    private func ends(_ range: ClosedRange<Double>) -> (Double, Double) {
      isWhole ? (range.lowerBound - 0.5, range.upperBound + 0.5) : (range.lowerBound, range.upperBound)
    }

    private func text(_ value: Double, in range: ClosedRange<Double>, size: Double) -> String {
      let rounded = isWhole ? value.rounded() : Format.rounded(value, Self.decimals(of: size))
      return Self.text(min(max(rounded, range.lowerBound), range.upperBound))
    }

    /// Digits after the point with which a number of this size has four in all, if it is not so large that it has them
    /// before.
    private static func decimals(of size: Double) -> Int {
      var (size, decimals) = (size, 3)
      while size < 1, decimals < 320 { (size, decimals) = (size * 10, decimals + 1) }
      while size >= 10, decimals > 0 { (size, decimals) = (size / 10, decimals - 1) }
      return decimals
    }

    private static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? Format.exact(value) }

    /// What its shares are to a density over those of all settings.
    var axis: ParzenEstimator.Axis { if case .choices(let values) = domain { .list(values.count) } else { .interval } }

    /// Whether values are numbers of a range.
    package var isRange: Bool { if case .choices = domain { false } else { true } }

    /// Values that are checked whatever is drawn.
    var probes: [String] {
      switch domain {
      case .choices(let values): values
      case .uniform(let range), .logUniform(let range): [range.lowerBound, range.upperBound].map(Self.text)
      }
    }

    /// A number between two whole ones of a range with whole ends, which a key of whole numbers refuses; nil for
    /// others.
    var fraction: String? {
      switch domain {
      case .choices: return nil
      case .uniform(let range), .logUniform(let range):
        let ends = [range.lowerBound, range.upperBound]
        return ends.allSatisfy { $0 == $0.rounded() } ? Self.text(range.lowerBound + 0.5) : nil
      }
    }

    /// A range, or a list of values, as it is typed.
    var words: String {
      switch domain {
      case .choices(let values): values.joined(separator: ",")
      case .uniform: probes.joined(separator: "..")
      case .logUniform: "log:" + probes.joined(separator: "..")
      }
    }
  }
}
