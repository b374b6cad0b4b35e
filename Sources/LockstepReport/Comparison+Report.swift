import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension Comparison {
  /// The comparison as a page: the leaderboard, every trial as a point, and what convergence costs in time.
  ///
  /// - Parameter name: that of the configuration.
  package func report(name: String) -> Page {
    let count = trials.count
    let way =
      trials.word == "folds" ? "cross-validated over \(count) folds" : "over \(count) \(Format.plural(count, "seed"))"
    var content: [HTML] = []
    if let headline { content.append(headline) }
    if let intervals { content.append(Page.section("How sure", intervals)) }
    content.append(Page.section("Leaderboard", [table, Self.legend(metric.words)]))
    content.append(Page.section("Every trial", [points]))
    let failed = cells.compactMap { cell in cell.diverged.map { Page.paragraph("\(title(of: cell)): \($0)") } }
    if !failed.isEmpty { content.append(Page.section("Diverged", failed)) }
    return Page(
      title:
        "\(name): \(Set(cells.flatMap { $0.choices.map { keys[$0.key] ?? $0.key } }).sorted().joined(separator: ", ")) compared",
      subtitle: "\(cells.count) variants, \(metric.words) \(way).", content: content)
  }

  /// What each key is called where it need only be told from the others.
  private var keys: [String: String] {
    let all = cells.first?.choices.map(\.key) ?? []
    return Dictionary(zip(all, KeyTitle.of(all)), uniquingKeysWith: { first, _ in first })
  }

  /// As `Cell.title`, with keys as short as they may be.
  private func title(of cell: Cell) -> String {
    cell.choices.map { choice in
      ["activation", "initializer"].contains(choice.key)
        ? choice.value : "\(keys[choice.key] ?? choice.key) \(choice.value)"
    }.joined(separator: ", ")
  }

  /// Which variant is best, or which the trials do not tell apart.
  private var headline: HTML? {
    guard let best = cells.first, let mean = best.mean else { return nil }
    let leaders = leaders
    if leaders.count > 1 {
      let means = leaders.compactMap(\.mean)
      let range = "\(Format.significant(means.min() ?? mean)) to \(Format.significant(means.max() ?? mean))"
      return Page.verdict(
        leaders.count == cells.count ? "no variant is told apart" : "\(leaders.count) variants are not told apart",
        [
          "\(leaders.map(title).joined(separator: "; ")): \(metric.words) \(range).",
          "The 95 % interval of each one's difference from the \(metric.mode == .max ? "highest" : "lowest") mean holds 0: these trials name no winner among them.",
        ], tone: .neutral)
    }
    let words = "\(title(of: best)): \(metric.words) \(Format.significant(mean))"
    if cells.count == 1 { return Page.verdict(words, [], tone: .neutral) }
    return leaders.isEmpty
      ? Page.verdict("a single trial names no winner", ["\(words), the first of \(cells.count)."], tone: .neutral)
      : Page.verdict(words, ["Better than every other variant: no 95 % interval of a difference holds 0."], tone: .good)
  }

  /// Each variant's mean, and its difference from the first, with their intervals.
  private var intervals: [HTML]? {
    let known = cells.filter { $0.mean != nil }
    guard let best = known.first, trials.count > 1 else { return nil }
    let leaders = Set(leaders.map(title))
    let means = known.map { cell in
      IntervalPlot.Row(
        title(of: cell), cell.mean ?? 0, interval: interval(of: cell), values: cell.trials.compactMap(\.metric),
        isMarked: leaders.contains(title(of: cell)))
    }
    let differences = known.dropFirst().compactMap { cell in
      cell.difference.map {
        IntervalPlot.Row(title(of: cell), $0.mean, interval: $0.interval, isMarked: leaders.contains(title(of: cell)))
      }
    }
    var pictures = [
      Page.figure(
        IntervalPlot(means, xTitle: metric.words).svg,
        caption: "Each variant's mean with its 95 % interval, and its \(trials.word) as small dots")
    ]
    if !differences.isEmpty {
      pictures.append(
        Page.figure(
          IntervalPlot(differences, xTitle: "difference in \(metric.words)", mark: 0).svg,
          caption:
            "Difference from \(title(of: best)), \(trials.word == "folds" ? "fold by fold" : "seed by seed"): an interval that holds 0 tells nothing apart"
        ))
    }
    return [
      Page.grid(pictures),
      Page.paragraph(
        "In blue what is not told apart from the first. Whether two variants differ the second picture says: what trials have in common, and the first shows, is no part of it.",
        quiet: true),
    ]
  }

  private var table: HTML {
    let hasDead = cells.contains { $0.dead != nil }
    func number(_ value: Double?, _ digits: Int = 4) -> HTML {
      .text(value.map { Format.significant($0, digits) } ?? "")
    }
    func signed(_ difference: Difference?) -> HTML { .text(difference.map { Format.signed($0.mean, 2) } ?? "") }
    func range(_ interval: ClosedRange<Double>?) -> HTML {
      let ends = interval.map { [$0.lowerBound, $0.upperBound].map { Format.signed($0, 2) } }
      return .text(ends.map { $0.joined(separator: " … ") } ?? "")
    }
    let rows = cells.map { cell in
      [
        .text(title(of: cell)), cell.mean == nil ? .text("diverged") : number(cell.mean), number(cell.stddev, 2),
        signed(cell.difference), range(cell.difference?.interval),
        .text(Format.short(cell.stepSeconds)), .text(Format.short(cell.inferenceSeconds)),
      ] + (hasDead ? [.text(cell.dead.map { Format.percent($0) } ?? "")] : [])
        + [.text(cell.verdicts.map(\.words).joined(separator: ", "))]
    }
    let header =
      ["variant", metric.words, "deviation", "difference", "95 % interval", "step", "one row"]
      + (hasDead ? ["dead"] : [])
      + ["diagnosis"]
    return Page.table(header, rows, right: Set(1..<header.count - 1))
  }

  private var points: HTML {
    let series = cells.prefix(8).filter { $0.mean != nil }.map { cell in
      LineChart.Series(
        name: title(of: cell), points: cell.trials.enumerated().map { (x: Double($0.offset + 1), y: $0.element.metric) }
      )
    }
    let chart = LineChart(
      series, xTitle: trials.word == "folds" ? "fold" : "seed", yTitle: metric.words, x: .whole, y: .linear)
    let many = cells.count > 8 ? " The best eight of \(cells.count)." : ""
    return Page.grid([
      Page.figure(
        chart.svg,
        caption:
          "Trials that belong together see the same samples: where lines run side by side, the difference is not one of luck.\(many)"
      )
    ])
  }

  private static func legend(_ metric: String) -> HTML {
    Page.paragraph(
      "The metric is \(metric) at the end of training on the samples held out: mean and standard deviation over the trials. Difference: of the paired trials to the best, with its 95 % confidence interval (Student's t; for folds with the correction of Nadeau and Bengio 2003), that of one difference: the best was chosen by the same trials, so of several variants it looks better than it is. Step: the median of the fastest trial; one row: a prediction. Dead: the share of the rectifiers' units that no sample brings above 0. Diagnosis: of the trained network.",
      quiet: true)
  }
}
