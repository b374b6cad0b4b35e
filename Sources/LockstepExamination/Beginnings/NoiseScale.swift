import LockstepFormats
import LockstepTraining

/// How large the noise of a gradient is beside the gradient — McCandlish, Kaplan, Amodei 2018,
/// https://arxiv.org/abs/1812.06162
///
/// From gradients gᵢ of n disjoint groups of b samples, ḡ their mean:
///
/// ```
/// tr Σ = b / (n − 1) · Σᵢ |gᵢ − ḡ|²        the variance of a sample's gradient
/// |G|² = |ḡ|² − tr Σ / (n b)               the true gradient's square
/// noise scale = tr Σ / |G|²                samples
/// ```
struct NoiseScale {
  /// tr Σ
  let variance: Double
  /// |G|², which an estimate may put below 0.
  let square: Double

  /// The batch at which noise and gradient are alike; nil where no gradient is to be told from noise.
  var samples: Double? { square > 0 ? variance / square : nil }

  /// - Parameters:
  ///   - gradients: one a group.
  ///   - group: samples of a group.
  init(gradients: [[Float]], group: Int) {
    let (count, size) = (Double(gradients.count), gradients.first?.count ?? 0)
    var (spread, length) = (0.0, 0.0)
    for place in 0..<size {
      let mean = gradients.reduce(0) { $0 + Double($1[place]) } / count
      length += mean * mean
      spread += gradients.reduce(0) { $0 + (Double($1[place]) - mean) * (Double($1[place]) - mean) }
    }
    variance = Double(group) * spread / (count - 1)
    square = length - variance / (count * Double(group))
  }
}

extension Check {
  /// Of the check of that name: noise scale over batch; nil where no gradient is to be told from noise.
  var noiseRatio: Double? { self["noise_scale"].flatMap { scale in self["batch"].map { scale / $0 } } }

  /// How large a batch is against the noise of its gradient.
  static func noiseScale(_ scale: NoiseScale, batch: Int, step: Int) -> Check {
    let ratio = scale.samples.map { $0 / Double(batch) }
    let figures = [
      Figure("noise_scale", scale.samples), Figure("batch", Double(batch)),
      Figure("gradient_variance", scale.variance), Figure("gradient_square", scale.square),
    ]
    let place = "after \(step) \(Format.plural(step, "step"))"
    guard let samples = scale.samples, let ratio else {
      return Check(
        .noiseScale, .noted, figures, "The gradient is not to be told from its noise \(place).",
        remedy: "A larger batch would show where to go; or there is nothing left to learn.")
    }
    let words =
      "The noise scale \(place) is \(Format.significant(samples, 3)) samples, \(Format.significant(ratio, 2)) of the batch of \(Format.count(batch))"
    if ratio > 30 {
      return Check(
        .noiseScale, .noted, figures, "\(words): a step is mostly noise.",
        remedy: "A larger batch, with a larger learning rate, needs fewer steps for about as many samples.")
    }
    if ratio < 0.1 {
      return Check(
        .noiseScale, .noted, figures,
        "\(words): a step does as much as one of \(Format.percent(ratio / (1 + ratio))) of the samples.",
        remedy: "A smaller batch would do at this stage; the noise scale grows as training goes on.")
    }
    return Check(.noiseScale, .passed, figures, "\(words).")
  }
}
