import LockstepFormats
import LockstepResults
import LockstepStudies
import LockstepTraining

extension Explanation {
  /// The explanation as a page: which features matter, and what the most important ones do.
  ///
  /// - Parameter data: what the samples are called, such as a file.
  package func report(on data: String) -> Page {
    let curves = dependences.filter { $0.curves.contains { $0.means.contains { $0.isFinite } } }
    return Page(
      title: "\(name) explained",
      subtitle: "By the checkpoint of step \(Format.count(step)), on \(some) of \(data): \(sentence)",
      content: [
        Page.section("Which columns matter", [table, Page.paragraph(Self.legend, quiet: true)]),
        Page.section(
          "What it predicts as a column changes",
          [Page.paragraph(Self.dependenceNote, quiet: true), Page.grid(curves.flatMap(pictures))]),
      ])
  }

  private var some: String {
    samples < available
      ? "\(Format.count(samples)) samples, evenly apart among the \(Format.count(available))"
      : "\(Format.count(samples)) \(Format.plural(samples, "sample"))"
  }

  /// What was measured.
  package var sentence: String {
    "\(metric.words) is \(Format.significant(baseline)); shown is how much \(metric.mode == .max ? "it falls" : "it grows") when the cells of a column are shuffled among the samples\(repeats > 1 ? ", mean of \(repeats) times" : "")."
  }

  /// What it does not say.
  package static let caveat =
    "Of columns that say the same, each alone may look as if it did not matter: while one is shuffled, the model still has the other."

  private static let legend =
    "Mean and standard deviation over the permutations, and the 95 % interval of the mean (Student's t), which says what other permutations would change, not other samples. Columns whose interval holds 0 are grey. \(caveat)"

  private static let dependenceNote =
    "The mean prediction over the samples, each with this value in the column and all else as it is (partial dependence, Friedman 2001), between the 5 % and the 95 % quantile. All pictures of an output have one vertical axis. Where columns go together, some of these samples are none that there could be."

  /// Rows of the table, at most.
  private static let mostRows = 100

  private var table: HTML {
    let most = max(features.first?.mean ?? 0, 1e-300)
    let rows = features.prefix(Self.mostRows).map { feature in
      [
        HTML.text(ModelResults.short(feature.name)),
        Page.bar(max(0, feature.mean) / most, text: Format.significant(feature.mean, 3)),
        .text(feature.deviation.map { Format.significant($0, 2) } ?? ""),
        .text(feature.interval.map { "\(Format.significant($0.low, 2)) … \(Format.significant($0.high, 2))" } ?? ""),
      ]
    }
    let sure = features.prefix(Self.mostRows).indices.filter { (features[$0].interval?.low ?? features[$0].mean) > 0 }
    let figure = Page.table(
      ["column", "drop of \(metric.words)", "deviation", "95 % interval"], rows, right: [1, 2, 3],
      emphasized: Set(sure))
    if features.count <= rows.count { return figure }
    let note = Page.paragraph(
      "The first \(rows.count) of \(Format.count(features.count)) columns.", quiet: true)
    return HTML(markup: figure.markup + note.markup)
  }

  /// Probabilities side by side; numbers, each in a unit of its own, one by one.
  private func pictures(_ dependence: PartialDependence) -> [HTML] {
    let count = dependence.curves.count
    let groups = predictsNumbers ? (0..<min(4, count)).map { $0..<$0 + 1 } : [0..<min(8, count)]
    return groups.map { picture(dependence, of: $0) }
  }

  private func picture(_ dependence: PartialDependence, of outputs: Range<Int>) -> HTML {
    let (name, shown) = (ModelResults.short(dependence.name), dependence.curves[outputs])
    let (places, style): ([Double], LineChart.Series.Style) =
      switch dependence.grid {
      case .numbers(let values): (values, .line)
      case .categories(let names): (names.indices.map { Double($0) }, .points)
      }
    let series = shown.map { curve in
      LineChart.Series(
        name: shown.count > 1 ? ModelResults.short(curve.name) : "",
        points: zip(places, curve.means).map { (x: $0, y: $1) }, style: style)
    }
    // One axis for all pictures of these outputs, so that what changes little looks so.
    let all = dependences.flatMap { $0.curves[outputs].flatMap(\.means) }
    var chart = LineChart(series, xTitle: name, yTitle: "", including: all)
    if case .categories(let names) = dependence.grid {
      chart.x = Scale(.named(names.map { ModelResults.short($0) }), holding: [])
    }
    let some = shown.count < dependence.curves.count ? "the first 8 of \(dependence.curves.count)" : "each output"
    let what = outputs.count == 1 ? ModelResults.short(dependence.curves[outputs.lowerBound].name) : some
    return Page.figure(chart.svg, caption: "\(name): mean prediction of \(what)")
  }
}

extension FeatureImportance {
  /// Of the mean, 95 %; nil for a single permutation.
  package var interval: (low: Double, high: Double)? { margin.map { (mean - $0, mean + $0) } }
}
