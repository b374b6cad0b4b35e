import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension Verdict {
  /// `vanishing gradient`, say: the verdict's name with spaces.
  package var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}

extension Diagnosis.Finding {
  /// What is wrong, in one sentence with its figures.
  package var sentence: String {
    switch verdict {
    case .healthy: "Signal and gradient keep their size."
    case .vanishingSignal: trend("The signal", "shrinks", isForward: true)
    case .explodingSignal: trend("The signal", "grows", isForward: true)
    case .vanishingGradient: trend("The gradient", "shrinks", isForward: false)
    case .explodingGradient: trend("The gradient", "grows", isForward: false)
    case .saturated:
      "Activations are flat: in \(layers) up to \(percent) of the values lie where |f′| is below 5 % of its maximum."
    case .dying:
      "Units have died: in \(layers) up to \(percent) of a layer are on their flat side for every sample, and were not at the start."
    case .lostUpdates:
      "Updates are lost: in \(layers) up to \(percent) of the weights that have a gradient are the same after the step, which is smaller than half a unit in their last place."
    case .imprecise:
      "Rounding to bfloat16 blurs the signal: in \(layers) it comes to up to \((share ?? 0) < 1 ? "\(percent) of" : "\(Format.significant(share ?? 0, 2)) times") the spread between samples."
    }
  }

  private var percent: String { Format.percent(share ?? 0) }
  private var layers: String { layer == end ? layer : "\(layer) to \(end)" }

  private func trend(_ what: String, _ verb: String, isForward: Bool) -> String {
    let way = isForward ? "" : " on its way back"
    let pace = factor.map { " by a factor of \(Format.significant($0, 2)) a layer" } ?? ""
    let since = " since \(layer)"
    guard let ratio else {
      return "\(what) \(verb)\(pace)\(way) until \(layer), where it is no finite number any more."
    }
    let rest = ratio == 0 ? "nothing" : Format.significant(ratio, 2)
    let (beginning, place) = isForward ? ("the first layer's", "at \(end)") : ("the last layer's", "reaching \(end)")
    return
      "\(what) \(verb)\(pace)\(way), visibly\(since); \(place) it is \(ratio == 0 ? rest : "\(rest) of \(beginning)")."
  }
}

extension Diagnosis.Stage {
  /// A sentence a finding; without any, one that says how signal and gradient change from layer to layer.
  package var sentences: [String] {
    if !findings.isEmpty { return findings.map(\.sentence) + (blindness.map { [$0] } ?? []) }
    guard let signal = signalGrowth, let gradient = gradientGrowth else {
      return ["Too few layers for a trend, and nothing is saturated."]
    }
    return [
      "A layer changes the signal by a factor of \(Format.significant(signal, 3)), and the gradient on its way back by \(Format.significant(1 / gradient, 3))."
    ]
  }

  private var blindness: String? {
    guard let layer = samplesLostAt, let spread = layer.stddev, let rms = layer.rms else { return nil }
    return
      "From \(layer.name) on all samples look alike: their spread there is \(Format.significant(spread / rms, 2)) of the signal."
  }

  /// What the receptive field is, where there are images.
  package var fieldSentence: String? {
    receptiveField.map { field in
      let effective =
        field.effective.map { "95 % of what counts at its centre lies within \($0.text)" }
        ?? "nothing of the input counts at its centre"
      return
        "Receptive field of \(field.layer): \(field.theoretical.text) pixels of images of \(field.image.text); \(effective)."
    }
  }

  /// `at initialisation`, or `after 100 steps`.
  package var title: String { step == 0 ? "at initialisation" : "after \(step) \(Format.plural(step, "step"))" }
}
