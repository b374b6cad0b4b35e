import LockstepFormats
import LockstepTraining

extension Check {
  /// In how many directions samples differ behind the last layers, against the first.
  ///
  /// - Parameter classes: that the network tells apart; nil where it gives numbers.
  static func rank(_ stage: Diagnosis.Stage, classes: Int?) -> Check {
    let hidden = stage.points.map { stage.layers[$0.layer] }.filter { !$0.isImage }
    let narrow = hidden.min { $0.units < $1.units }.flatMap { layer in
      classes.flatMap { 4 * layer.units < $0 - 1 ? (layer: layer, classes: $0) : nil }
    }
    let ranks = stage.points.compactMap { point in
      stage.layers[point.layer].rank.map { (layer: stage.layers[point.layer], rank: $0) }
    }
    guard let first = ranks.first, let least = ranks.min(by: { $0.rank < $1.rank }), ranks.count > 1 || narrow != nil
    else {
      return Check(.rank, .skipped, [], "There is no hidden layer but one.")
    }
    let figures = [Figure("least", least.rank), Figure("first", first.rank)]
    let beside =
      least.layer.name == first.layer.name
      ? "" : ", behind \(first.layer.name) in \(Format.significant(first.rank, 3))"
    let words =
      "Behind \(least.layer.name) samples differ in \(Format.significant(least.rank, 3)) directions of \(Format.count(least.layer.units))\(beside)"
    if least.rank < 1.2, least.rank < first.rank / 2 {
      return Check(
        .rank, .fault, figures, "\(words): all that is left of them lies on one line.",
        remedy:
          "Widen the layer, put a BatchNorm before the activations, or residual connections around them; they keep samples apart."
      )
    }
    if let narrow {
      return Check(
        .rank, .noted, figures,
        "\(words); \(narrow.layer.name) has \(Format.count(narrow.layer.units)) \(Format.plural(narrow.layer.units, "unit")), and for \(Format.count(narrow.classes)) classes to lie alike far from each other it takes \(Format.count(narrow.classes - 1)).",
        remedy: "Widen it, unless so few numbers are what you want.")
    }
    if least.rank < 2, least.rank < first.rank / 4 {
      return Check(.rank, .noted, figures, "\(words).", remedy: "BatchNorm or residual connections keep samples apart.")
    }
    return Check(.rank, .passed, figures, "\(words).")
  }

  /// Updates that are smaller than the last place of their weights.
  static func lostUpdates(_ stage: Diagnosis.Stage) -> Check {
    guard let worst = stage.layers.max(by: { ($0.updateLost ?? -1) < ($1.updateLost ?? -1) }),
      let lost = worst.updateLost
    else { return Check(.lostUpdates, .skipped, [], "No step was measured.") }
    let figures = [Figure("lost", lost), Figure("learning_rate_factor", stage.learningRateFactor)]
    let words =
      "Of the weights that have a gradient a step leaves \(Format.percent(lost)) as they were in \(worst.name), to the last bit"
    if stage.verdicts.contains(.lostUpdates) {
      return Check(
        .lostUpdates, .fault, figures, "\(words).",
        remedy: "Take a larger learning rate: what a step would add is below half a unit in the last place.")
    }
    let reason = lost > 0.9 ? ", where hardly a gradient comes, or the schedule is at an end" : ""
    return Check(.lostUpdates, .passed, figures, "\(words)\(reason).")
  }
}
