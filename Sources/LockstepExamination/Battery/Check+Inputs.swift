import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepModel
import LockstepRuns

extension DataSurvey {
  /// Whether the inputs move from sample to sample: their deviation over their size.
  func spread() -> Check {
    let variance = moments.reduce(0) { $0 + $1.deviation * $1.deviation }
    let square = moments.reduce(0) { $0 + $1.magnitude * $1.magnitude }
    let ratio = square > 0 ? (variance / square).squareRoot() : 0
    let figures = [Check.Figure("spread", ratio)]
    if rows < 2 { return Check(.inputSpread, .skipped, figures, "There is one sample.") }
    if variance == 0 {
      return Check(
        .inputSpread, .fault, figures, "All \(Format.count(rows)) samples have the same inputs.",
        remedy: "Look at what data.source reads: the network can learn nothing but the targets' mean from it.")
    }
    let words = "From sample to sample inputs move by \(Format.significant(ratio, 3)) of their size"
    if ratio < 1e-3 {
      return Check(
        .inputSpread, .fault, figures, "\(words).",
        remedy: "Bring them to mean 0 and deviation 1 with data.standardize: true.")
    }
    return Check(.inputSpread, .passed, figures, "\(words).")
  }

  /// Whether the inputs have sizes that one learning rate fits.
  func scale(_ model: Model) -> Check {
    let moving = columns.filter { deviation(of: $0) > 0 }
    guard let largest = columns.max(by: { magnitude(of: $0) < magnitude(of: $1) }), !moving.isEmpty else {
      return Check(.inputScale, .skipped, [], "No input moves.")
    }
    let deviations = moving.filter { !$0.isCategory }.map { deviation(of: $0) }
    let ratio = (deviations.max() ?? 1) / (deviations.min() ?? 1)
    let size = magnitude(of: largest)
    let figures = [Check.Figure("largest", size), Check.Figure("ratio", ratio)]
    if case .batchNorm? = model.layers.first {
      return Check(.inputScale, .passed, figures, "The first layer is a BatchNorm, which brings inputs to one size.")
    }
    let words =
      "The largest inputs are those of \(largest.title), \(Format.significant(size, 3)) in the root mean square"
    let apart = "deviations of the columns differ by up to a factor of \(Format.significant(ratio, 3))"
    let remedy = "Bring them to mean 0 and deviation 1 with data.standardize: true, or a batch_norm before all layers."
    if size < 0.01, moving.contains(where: { !$0.isCategory }) {
      return Check(.inputScale, .fault, figures, "\(words), and the network hardly sees them.", remedy: remedy)
    }
    if size > 100 || ratio > 1e4 {
      return Check(.inputScale, .fault, figures, "\(words); \(apart).", remedy: remedy)
    }
    let numbers = moving.filter { !$0.isCategory && $0.inputs.count == 1 }
    let far = numbers.compactMap { column in
      FarValue(inputs, column.inputs[0], moments[column.inputs[0]]).map { (title: column.title, value: $0) }
    }
    if let far = far.max(by: { $0.value.share < $1.value.share }) {
      return Check(
        .inputScale, far.value.share > 0.9 ? .fault : .noted, figures,
        "Of how \(far.title) moves, \(far.value.words): beside \(far.value.samples == 1 ? "it" : "them") all others are alike.",
        remedy: "Look at its largest and smallest value: a missing one that was written as a number, or another unit.")
    }
    if size > 30 || ratio > 1e3 {
      return Check(.inputScale, .noted, figures, "\(words); \(apart).", remedy: remedy)
    }
    return Check(.inputScale, .passed, figures, "\(words).")
  }

  /// Columns that hold one value.
  func constants() -> Check {
    if set.shape.isImage {
      let dark = columns.filter { deviation(of: $0) == 0 }
      return dark.isEmpty || dark.count == columns.count
        ? Check(.constantColumns, .passed, [Check.Figure("columns", 0)], "Every channel moves.")
        : Check(
          .constantColumns, .noted, [Check.Figure("columns", Double(dark.count))],
          "\(dark.titles) never \(dark.count == 1 ? "moves" : "move").",
          remedy: "Leave out what holds one value: it costs time and tells nothing.")
    }
    let constant = columns.filter { column in column.inputs.allSatisfy { moments[$0].deviation == 0 } }
    let figures = [Check.Figure("columns", Double(constant.count))]
    if constant.isEmpty { return Check(.constantColumns, .passed, figures, "Every column moves.") }
    let words = "\(constant.titles) \(constant.count == 1 ? "holds" : "hold") one value"
    return Check(
      .constantColumns, .noted, figures, "\(words) over \(Format.count(rows)) \(Format.plural(rows, "sample")).",
      remedy: "Leave \(constant.count == 1 ? "it" : "them") out: what never moves tells nothing of the target.")
  }

  /// Whether targets that are numbers have a size that a network starts near.
  func targetScale() -> Check {
    guard case .regression = set.task else {
      return Check(.targetScale, .skipped, [], "Targets are no numbers.")
    }
    if rows < 2 { return Check(.targetScale, .skipped, [], "There is one sample.") }
    let targets = Self.moments(of: targets)
    let size = targets.map { max($0.mean.magnitude, $0.deviation) }.max() ?? 0
    let least = targets.map(\.deviation).min() ?? 0
    let figures = [Check.Figure("largest", size), Check.Figure("smallest_deviation", least)]
    let remedy =
      "Train on standardised targets with data.standardize: {features: true, targets: true}; what you see stays in their units."
    let words =
      "Targets have a mean or deviation of up to \(Format.significant(size, 3)), and the smallest deviation is \(Format.significant(least, 3)); a network starts near 0 with a deviation near 1"
    if least == 0 {
      return Check(
        .targetScale, .fault, figures, "A target has one value over \(Format.count(rows)) samples.",
        remedy: "Look at what data.source reads as target.")
    }
    let far = targets.indices.compactMap { FarValue(self.targets, $0, targets[$0]) }
    if let far = far.max(by: { $0.share < $1.share }) {
      return Check(
        .targetScale, .fault, figures,
        "Of how a target moves, \(far.words): beside \(far.samples == 1 ? "it" : "them") all others are alike.",
        remedy: "Look at the largest and smallest target: a missing one that was written as a number, or another unit.")
    }
    if size > 100 || least < 0.01 { return Check(.targetScale, .fault, figures, "\(words).", remedy: remedy) }
    if size > 30 || least < 0.03 { return Check(.targetScale, .noted, figures, "\(words).", remedy: remedy) }
    return Check(.targetScale, .passed, figures, "\(words).")
  }
}
