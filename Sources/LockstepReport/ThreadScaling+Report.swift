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
    content.append(Page.section("Environment", [Page.environment]))
    content.append(
      Page.section("Configuration, every default written out", [Page.listing(configuration.resolvedYAML)]))
    return Page(
      title: "\(configuration.name): \(rows.map { "\($0.threads)" }.joined(separator: ", ")) threads",
      subtitle: "\(self.title).",
      content: content)
  }

  private var best: Row? { rows.max { $0.samplesPerSecond < $1.samplesPerSecond } }

  private var box: HTML {
    Page.verdict(bits.verdict, bits.digests, tone: isWeak ? .neutral : digestsAgree ? .good : .bad)
  }

  private var tiles: [(value: String, name: String, remark: String)] {
    guard let best, let last = rows.last else { return [] }
    func threads(_ row: Row) -> String { "\(row.threads) \(Format.plural(row.threads, "thread"))" }
    return [
      (Format.count(best.samplesPerSecond), "samples a second at best", threads(best)),
      ("\(Format.fixed(last.speedUp, 2)) ×", "speed-up", "\(threads(last)) against \(reference)"),
      (Format.percent(last.efficiency), "efficiency", threads(last)),
      (
        Format.percent(best.samplesPerSecond / idealCeiling), "of the ceiling",
        "of \(Format.count(idealCeiling)) samples/s, a shard a thread"
      ),
    ]
  }

  // MARK: Pictures

  private var charts: [HTML] {
    let first = Double(reference)
    func series(_ name: String, isFit: Bool = false, _ figure: (Row) -> Double) -> LineChart.Series {
      LineChart.Series(name: name, points: rows.map { (x: Double($0.threads), y: figure($0)) }, isFit: isFit)
    }
    func chart(_ series: [LineChart.Series], _ caption: String, including values: [Double] = [0]) -> HTML {
      Page.figure(
        LineChart(series, xTitle: "threads", yTitle: "", x: .whole, y: .linear, including: values).svg, caption: caption
      )
    }
    let parts = shown
    let bars = StackedBars(
      rows.map { row in
        StackedBars.Bar(name: "\(row.threads)", shares: parts.map { row.share(of: $0) })
      }, parts: parts.map(\.name), title: "Phases of a step by threads")
    return [
      chart(
        [series("measured", \.speedUp), series("ideal") { Double($0.threads) / first }],
        "Speed-up against \(reference) \(Format.plural(reference, "thread"))"),
      chart([series("", \.efficiency)], "Efficiency: speed-up over the growth in threads", including: [0, 1]),
      chart(
        [series("measured", \.samplesPerSecond), series("ceiling", \.ceiling)],
        "Samples a second, and what the matrix products alone reach"),
      Page.figure(
        bars.svg, caption: "The workers' time by phase, a bar a thread count; wait is at barriers, for the slowest"),
    ]
  }

  /// Phases that took at least 0.05 % of the time of some row.
  private var shown: [Phase] {
    Phase.allCases.filter { phase in rows.contains { $0.share(of: phase) >= 0.0005 } }
  }

  /// As on the terminal, and the ceilings themselves.
  private var table: HTML {
    let header = columns.map(\.name) + ["ceiling"]
    let cells = zip(cells, rows).map { $0 + [Format.count($1.ceiling)] }
    return Page.table(header, cells.map { $0.map { .text($0) } }, right: Set(header.indices))
  }
}
