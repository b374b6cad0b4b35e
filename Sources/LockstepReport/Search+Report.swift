import LockstepConfiguration
import LockstepFormats
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension Search {
  /// The search as a page: the best trial, every trial across all settings, and the metric against each of them.
  ///
  /// - Parameters:
  ///   - name: that of the configuration.
  ///   - folder: of the search.
  package func report(name: String, folder: String) -> Page {
    var content: [HTML] = []
    if let best, let value = best.metric {
      content.append(
        Page.verdict(
          "trial \(best.number): \(metric.words) \(Format.significant(value))",
          [words(best), "Its run is \(self.folder(of: best, in: folder)), its configuration \(folder)/best.yaml."],
          tone: .good))
      if let line = commandLine(of: best) { content.append(.element("p", [], [.element("code", text: line)])) }
    } else {
      content.append(Page.verdict("no trial came to its end", ["Each diverged before."], tone: .bad))
    }
    content.append(Page.section("Every trial", [parallel, Page.paragraph("\(course).", quiet: true)]))
    content.append(Page.section("Against each setting", [scatter]))
    content.append(Page.section("Trials, the best first", [table]))
    let failed = trials.compactMap { trial in
      trial.diverged.map { Page.paragraph("Trial \(trial.number), \(words(trial)): \($0)") }
    }
    if !failed.isEmpty { content.append(Page.section("Diverged", failed)) }
    return Page(
      title: "\(name): \(titles.joined(separator: ", ")) searched",
      subtitle:
        "\(trials.count) \(Format.plural(trials.count, "trial")), \(strategy.words), \(metric.words) on the validation data.",
      content: content)
  }

  /// `learning_rate 0.0031, units 64`.
  private func words(_ trial: Trial) -> String {
    zip(titles, trial.choices).map { "\($0) \($1.value)" }.joined(separator: ", ")
  }

  /// The axis of a setting: its whole range, or its values.
  private func scale(_ setting: Setting) -> Scale {
    switch setting.domain {
    case .choices(let values): Scale(.named(values), holding: [])
    case .uniform(let range):
      Scale(setting.isWhole ? .whole : .linear, holding: [range.lowerBound, range.upperBound])
    case .logUniform(let range): Scale(.logarithmic, holding: [range.lowerBound, range.upperBound])
    }
  }

  /// Where a trial's value of a setting stands on its axis.
  private func place(_ trial: Trial, _ index: Int) -> Double? {
    let value = trial.choices[index].value
    if case .choices(let values) = settings[index].domain { return values.firstIndex(of: value).map(Double.init) }
    return Double(value)
  }

  /// By logarithms where the trials lie far apart.
  private var metricSpacing: Scale.Spacing {
    let values = trials.compactMap(\.metric)
    guard let least = values.min(), let most = values.max(), least > 0 else { return .linear }
    return most > 20 * least ? .logarithmic : .linear
  }

  private var parallel: HTML {
    let axes =
      zip(titles, settings).map { ParallelCoordinates.Axis($0, scale($1)) }
      + [.init(metric.words, Scale(metricSpacing, holding: trials.compactMap(\.metric)))]
    let good = max(1, trials.count / 10)
    let lines = trials.enumerated().map { rank, trial in
      let weight: ParallelCoordinates.Line.Weight =
        trial.diverged != nil ? .bad : rank == 0 ? .best : rank <= good ? .good : .rest
      let value = trial.metric.map { "\(metric.words) \(Format.significant($0)) at step \(trial.steps)" }
      return ParallelCoordinates.Line(
        settings.indices.map { place(trial, $0) } + [trial.metric], weight,
        words: "trial \(trial.number): \(words(trial)): \(value ?? trial.diverged ?? "")")
    }
    let chart = ParallelCoordinates(
      axes, lines, title: "\(titles.joined(separator: ", ")) and \(metric.words) of \(trials.count) trials")
    return Page.figure(
      chart.svg,
      caption:
        "A line a trial, through its settings to the last \(metric.words) measured: the best and the tenth behind it in colour; what diverged is dashed and ends before."
    )
  }

  private var scatter: HTML {
    Page.grid(
      settings.indices.map { index in
        let series = rungs.indices.map { rung in
          LineChart.Series(
            name: rungs[rung].divisor == 1 ? "to the end" : "1/\(rungs[rung].divisor)",
            points: trials.filter { $0.results.count == rung + 1 }.compactMap { trial in
              place(trial, index).map { (x: $0, y: trial.metric) }
            }, style: .points)
        }
        var chart = LineChart(
          series.filter { !$0.points.isEmpty }, xTitle: titles[index], yTitle: metric.words, y: metricSpacing)
        chart.x = scale(settings[index])
        return Page.figure(
          chart.svg,
          caption: rungs.count > 1
            ? "A point a trial, by how much of its steps it was trained for." : "A point a trial.")
      })
  }

  private var table: HTML {
    let header = ["trial"] + titles + [metric.words, "steps"]
    let rows = trials.map { trial in
      [HTML.text("\(trial.number)")] + trial.choices.map { .text($0.value) }
        + [.text(trial.metric.map { Format.significant($0) } ?? "diverged"), .text(Format.count(trial.steps))]
    }
    let numbers = settings.indices.filter { settings[$0].isRange }.map { $0 + 1 }
    return Page.table(header, rows, right: Set([0, header.count - 2, header.count - 1] + numbers))
  }
}

extension Search.Strategy {
  fileprivate var words: String {
    switch self {
    case .random: "random search"
    case .tpe: "tree-structured Parzen estimator"
    case .halving(let eta, _): "successive halving by \(eta)"
    }
  }
}
