import LockstepConfiguration
import LockstepFormats
import LockstepStudies
import LockstepTraining

extension RankScaling {
  /// The comparison as a page: how speed grows with ranks, and where the time goes.
  package func report(for configuration: RunConfiguration) -> Page {
    let header = columns.map(\.name)
    let table = Page.table(header, cells.map { $0.map { .text($0) } }, right: Set(header.indices))
    var content = [Page.verdict(bits.verdict, sentences, tone: digestsAgree ? .good : .bad)]
    if rows.count > 1 { content.append(Page.section("Ranks", [Page.grid([speed, time])])) }
    content += [
      Page.section("Figures", [table, Page.facts(legend.map { (name: $0, text: $1) })]),
      Page.section("Bits", [Page.paragraph("\(bits.verdict):"), Page.listing(bits.digests.joined(separator: "\n"))]),
      Page.section("Environment", [Page.environment]),
      Page.section("Configuration, every default written out", [Page.listing(configuration.resolvedYAML)]),
    ]
    return Page(
      title: "\(configuration.name): \(rows.map { "\($0.ranks)" }.joined(separator: ", ")) ranks",
      subtitle: "\(title).",
      content: content)
  }

  private var speed: HTML {
    let ordered = rows.sorted { $0.workers < $1.workers }
    func series(_ name: String, _ value: (Row) -> Double) -> LineChart.Series {
      LineChart.Series(name: name, points: ordered.map { (x: Double($0.workers), y: value($0)) })
    }
    return Page.figure(
      LineChart(
        [series("measured", speedUp), series("ideal") { speedUp($0) / efficiency($0) }], xTitle: "threads of all ranks",
        yTitle: "", x: .whole, y: .linear, including: [0]
      ).svg, caption: "Speed-up against the fewest threads of all ranks")
  }

  private var time: HTML {
    let bars = StackedBars(
      rows.map { row in
        StackedBars.Bar(name: "\(row.ranks) × \(row.threads)", shares: Phase.allCases.map { row.share(of: $0) })
      }, parts: Phase.allCases.map(\.name), title: "Phases of a step by ranks and threads")
    return Page.figure(bars.svg, caption: "The time of rank 0's threads by phase, a bar a layout: ranks × threads")
  }
}
