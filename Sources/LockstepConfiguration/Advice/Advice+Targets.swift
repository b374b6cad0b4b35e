import LockstepFormats
import LockstepTraining

extension RunConfiguration {
  /// Targets of a regression further from 0, or spread wider or narrower, than this many times what a network begins
  /// with.
  private static let farTarget = 10.0

  /// A network begins with outputs near 0 that spread by about 1, and a step moves them by about the learning rate: it
  /// takes long to targets that lie far off.
  package var targetAdvice: [Advice] {
    guard !data.standardizeTargets, let targets = data.summary?.targets else { return [] }
    let names = data.preprocessing?.targetNames ?? []
    for (index, target) in targets.enumerated() {
      let isFar = abs(target.mean) > Self.farTarget || target.deviation > Self.farTarget
      guard isFar || target.deviation * Self.farTarget < 1 else { continue }
      let title = index < names.count ? "the target \(Display.quoted(names[index]))" : "target \(index)"
      let features = data.standardize ? "true" : "false"
      return [
        Advice(
          id: "target_scale", layer: "",
          rule:
            "\(title) is \(Format.significant(target.mean)) ± \(Format.significant(target.deviation)), and a network begins with outputs of about 0 ± 1; "
            + "standardised targets are learned at once, and metrics and predictions stay in their units",
          source: "LeCun, Bottou, Orr, Müller 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf",
          key: "data.standardize", value: "{features: \(features), targets: true}")
      ]
    }
    return []
  }
}
