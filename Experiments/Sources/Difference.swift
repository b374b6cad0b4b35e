import LockstepFormats
import LockstepRuns
import LockstepStudies

/// How much larger one figure is than another, with the 95 % confidence interval of that: what a claim is held against.
struct Difference {
  let mean: Double
  /// Half the width of the interval.
  let margin: Double

  /// Of two shares of so many samples that one network each was right on: as of two binomial distributions, which errs
  /// on the wide side where the samples are the same.
  init(shares a: Double, _ b: Double, of samples: Int) {
    mean = a - b
    margin = 1.96 * ((a * (1 - a) + b * (1 - b)) / Double(samples)).squareRoot()
  }

  /// Of figures of the same seeds: Student's interval of the mean of their differences.
  init(_ a: [Double], _ b: [Double]) {
    let sample = Sample(zip(a, b).map { $0 - $1 })
    (mean, margin) = (sample.mean, sample.margin(overlap: 0) ?? .infinity)
  }

  /// Whether it is more than `threshold`.
  func exceeds(_ threshold: Double = 0) -> Outcome {
    mean - margin > threshold ? .shows : mean + margin < threshold ? .doesNotShow : .open
  }

  /// Whether it is less than `threshold`.
  func staysBelow(_ threshold: Double) -> Outcome {
    mean + margin < threshold ? .shows : mean - margin > threshold ? .doesNotShow : .open
  }

  /// `+0.5 ± 0.9 points`, in points of a percent.
  var points: String { "\(hundredths(1)) points" }

  /// `+0.5 ± 0.9`, a hundred times what they are.
  func hundredths(_ decimals: Int) -> String {
    "\(mean < 0 ? "−" : "+")\(Format.fixed(abs(mean) * 100, decimals))\(margin.isFinite ? " ± \(Format.fixed(margin * 100, decimals))" : "")"
  }

  /// The same of figures that are no shares.
  var plain: String {
    "\(mean < 0 ? "−" : "+")\(Format.significant(abs(mean), 2))\(margin.isFinite ? " ± \(Format.significant(margin, 2))" : "")"
  }
}

/// What becomes of a claim.
enum Outcome {
  case shows
  case doesNotShow
  /// The interval holds what it would have to exceed.
  case open

  init(_ holds: Bool) { self = holds ? .shows : .doesNotShow }

  /// Both.
  func and(_ other: Outcome) -> Outcome {
    self == .doesNotShow || other == .doesNotShow ? .doesNotShow : self == .open || other == .open ? .open : .shows
  }

  var words: String {
    switch self {
    case .shows: "shows"
    case .doesNotShow: "**does not show**"
    case .open: "*not told apart*"
    }
  }
}
