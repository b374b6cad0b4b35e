import LockstepFormats
import LockstepResults
import LockstepStudies

// Numbers.
extension ModelResults {
  /// Rows of a table, at most.
  private static let mostTargets = 100

  func pictures(of targets: [Target], hasTiles: Bool) -> [HTML] {
    let rows = targets.prefix(Self.mostTargets).map { target in
      [HTML.text(Self.short(target.name))]
        + [target.figures.meanAbsoluteError, target.figures.rootMeanSquaredError, target.figures.r2].map {
          .text(Format.significant($0))
        }
    }
    let table =
      hasTiles && targets.count == 1 ? [] : [Page.table(["target", "MAE", "RMSE", "R²"], rows, right: [1, 2, 3])]
    let many =
      targets.count > Self.mostPictures
      ? [Page.paragraph("Pictures of the first \(Self.mostPictures) of \(targets.count) targets.", quiet: true)] : []
    return table + targets.prefix(Self.mostPictures).map { pictures(of: $0, isOnly: targets.count == 1) } + many
  }

  private func pictures(of target: Target, isOnly: Bool) -> HTML {
    let name = isOnly ? "" : "\(Self.short(target.name)): "
    let some =
      target.pairs.count < samples
      ? " \(target.pairs.count) of \(Format.count(samples)) samples, evenly apart." : ""
    let truths = target.pairs.map(\.truth)
    let (low, high) = (truths.min() ?? 0, truths.max() ?? 1)
    let fitted = LineChart(
      [
        .init(name: "", points: target.pairs.map { (x: $0.truth, y: $0.predicted) }, style: .points),
        .init(name: "", points: [(low, low), (high, high)], style: .reference),
      ], xTitle: "true", yTitle: "predicted")
    let predictions = target.pairs.map(\.predicted)
    let errors = LineChart(
      [
        .init(name: "", points: target.pairs.map { (x: $0.predicted, y: $0.predicted - $0.truth) }, style: .points),
        .init(
          name: "", points: [(predictions.min() ?? 0, 0), (predictions.max() ?? 1, 0)], style: .reference),
      ], xTitle: "predicted", yTitle: "predicted − true")
    let residuals = target.residuals.map { found in
      var bars = BarChart(
        found.counts.map(Double.init), low: found.low, high: found.high, title: "residuals of \(target.name)")
      bars.xTitle = "predicted − true"
      return Page.figure(
        Self.high(bars),
        caption:
          "\(name)Predicted less true, from \(Format.significant(found.low, 3)) to \(Format.significant(found.high, 3))."
      )
    }
    return Page.grid(
      [
        Page.figure(fitted.svg, caption: "\(name)Predicted against true; on the dotted line they are equal.\(some)"),
        Page.figure(errors.svg, caption: "\(name)The error against what is predicted.\(some)"),
      ] + (residuals.map { [$0] } ?? []), minimum: 330)
  }
}
