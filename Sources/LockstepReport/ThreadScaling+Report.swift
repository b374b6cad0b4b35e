import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepStudies
import LockstepTraining

extension ThreadScaling {
  /// The comparison as a page: how speed grows with threads, against the ideal and the ceiling, and where the time
  /// goes.
  package func report(for configuration: RunConfiguration) -> Page {
    var content = [box, Page.tiles(tiles)]
    content.append(Page.section("Threads", [Page.grid(charts)]))
    content.append(Page.section("Figures", [table, Page.facts(legend.map { (name: $0, text: $1) })]))
    content.append(
      Page.section("Bits", [Page.paragraph("\(bits.verdict):"), Page.listing(bits.digests.joined(separator: "\n"))]))
    content.append(Page.section("Environment", [Page.environment]))
    content.append(
      Page.section("Configuration, every default written out", [Page.listing(configuration.resolvedYAML)]))
    return Page(
      title: "\(configuration.name): \(rows.map { "\($0.threads)" }.joined(separator: ", ")) threads",
      subtitle: "\(self.title).", content: content)
  }

  /// The rows by the number of threads: along an axis.
  private var ordered: [Row] { rows.sorted { $0.threads < $1.threads } }

  private var box: HTML {
    let isPlain = !isWeak && !rows.contains(where: \.isDoubtful)
    return Page.verdict(bits.verdict, sentences, tone: !digestsAgree ? .bad : isPlain ? .good : .neutral)
  }

  private func words(_ row: Row) -> String { "\(row.threads) \(Format.plural(row.threads, "thread"))" }

  private var tiles: [(value: String, name: String, remark: String)] {
    guard let best = rows.max(by: { $0.samplesPerSecond < $1.samplesPerSecond }) else { return [] }
    let last = subject ?? best
    var tiles = [
      (Format.count(best.samplesPerSecond), "samples a second at best", words(best)),
      ("\(Format.fixed(last.speedUp, 2)) ×", "speed-up", "\(words(last)) against \(reference)"),
      (
        Format.percent(best.ceilingShare), "of the ceiling",
        "of \(Format.count(best.ceiling)) samples/s, its matrix products alone"
      ),
    ]
    if let unsharedShare {
      tiles.append((Format.percent(unsharedShare), "of a step cannot be shared", "Amdahl's law, up to the cores"))
    }
    return tiles
  }

  // MARK: Pictures

  private var charts: [HTML] {
    let first = Double(reference)
    let bars = StackedBars(
      ordered.map { Self.bar("\($0.threads)", $0) }, parts: Self.parts.map(\.name),
      title: "Phases of a step by threads"
    )
    let fitted = expected.map { "; dotted: Amdahl's law with \(Format.percent($0)) that cannot be shared" } ?? ""
    return [
      chart(
        [Self.series("measured", ordered, \.speedUp)] + law
          + [Self.series("ideal", ordered) { Double($0.threads) / first }],
        "\(isWeak ? "Growth in samples/s" : "Speed-up") against \(reference) \(Format.plural(reference, "thread"))\(fitted)"
      ),
      chart([Self.series("", ordered, \.efficiency)], "Efficiency: speed-up over the growth in threads", [0, 1]),
      chart(
        [Self.series("measured", ordered, \.samplesPerSecond), Self.series("ceiling", ordered, \.ceiling)],
        "Samples a second, and what the matrix products alone reach"),
      Page.figure(
        bars.svg, caption: "The workers' time by phase, a bar a thread count; wait is at barriers, for the slowest"),
    ]
  }

  /// Where no more threads have a core, and what `threads: auto` takes.
  private var marks: [LineChart.Event] {
    let counts = rows.map(\.threads)
    guard let low = counts.min(), let high = counts.max(), low < high else { return [] }
    let cores = (name: "\(self.cores) \(Format.plural(self.cores, "core"))", at: self.cores)
    let automatic = automaticThreads.flatMap { $0 == self.cores ? nil : (name: "auto", at: $0) }
    return [cores, automatic].compactMap { $0 }.filter { (low...high).contains($0.at) }.map {
      LineChart.Event($0.name, at: Double($0.at))
    }
  }

  /// What the law is drawn with: through two counts it passes by itself.
  private var expected: Double? { rows.count > 2 ? unsharedShare : nil }

  /// The speed-up that the fitted law expects.
  private var law: [LineChart.Series] {
    guard let share = expected, let most = rows.map(\.threads).max() else { return [] }
    func time(_ threads: Int) -> Double { share + (1 - share) / Double(threads) }
    let points = (reference...most).map { (x: Double($0), y: Double?.some(time(reference) / time($0))) }
    return [LineChart.Series(name: "", points: points, style: .fit)]
  }

  private func chart(_ series: [LineChart.Series], _ caption: String, _ values: [Double] = [0]) -> HTML {
    Page.figure(
      LineChart(series, xTitle: "threads", yTitle: "", x: .whole, y: .linear, including: values, events: marks).svg,
      caption: caption)
  }

  static func series(_ name: String, _ rows: [Row], _ figure: (Row) -> Double) -> LineChart.Series {
    LineChart.Series(name: name, points: rows.map { (x: Double($0.threads), y: figure($0)) })
  }

  /// All phases of one process, so that each has the colour that it has on the page of a run.
  static let parts = Phase.allCases.filter { $0 != .communicate }

  static func bar(_ name: String, _ row: Row) -> StackedBars.Bar {
    StackedBars.Bar(name: name, shares: parts.map { row.share(of: $0) })
  }

  /// As on the terminal, and the ceilings themselves.
  private var table: HTML {
    let header = columns.map(\.name) + ["ceiling"]
    let cells = zip(cells, rows).map { $0 + [Format.count($1.ceiling)] }
    return Page.table(header, cells.map { $0.map { .text($0) } }, right: Set(header.indices))
  }
}
