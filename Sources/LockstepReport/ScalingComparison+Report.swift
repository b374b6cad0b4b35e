import LockstepConfiguration
import LockstepFormats
import LockstepStudies
import LockstepTraining

extension ScalingComparison {
  /// The results as a page: speed and speed-up of each over the threads, and where its time goes.
  package func report() -> Page {
    let table = Page.table(header, cells.map { $0.map { .text($0) } }, right: Set(header.indices))
    return Page(
      title: results.map(\.name).joined(separator: ", "), subtitle: "Training on several thread counts, side by side.",
      content: [
        Page.verdict("side by side", sentences, tone: .neutral),
        Page.section("Threads", [Page.grid(charts)]),
        Page.section(
          "Figures",
          [table, Page.table(["result", "what was measured"], facts.map { [.text($0), .text($1)] }, wrapped: [1])]),
      ])
  }

  private var charts: [HTML] {
    [
      chart("Samples a second", series(\.samplesPerSecond)),
      chart("Speed-up, each against its own fewest threads", series(\.speedUp) + ideal),
      chart("Efficiency: speed-up over the growth in threads", series(\.efficiency)),
    ]
      + results.map { name, scaling in
        let bars = StackedBars(
          Self.ordered(scaling).map { ThreadScaling.bar("\($0.threads)", $0) }, parts: ThreadScaling.parts.map(\.name),
          title: "Phases of a step by threads")
        return Page.figure(bars.svg, caption: "\(name): the workers' time by phase, a bar a thread count")
      }
  }

  private static func ordered(_ scaling: ThreadScaling) -> [ThreadScaling.Row] {
    scaling.rows.sorted { $0.threads < $1.threads }
  }

  private func series(_ figure: (ThreadScaling.Row) -> Double) -> [LineChart.Series] {
    results.map { name, scaling in ThreadScaling.series(name, Self.ordered(scaling), figure) }
  }

  /// One line, where all begin with as many threads.
  private var ideal: [LineChart.Series] {
    let references = Set(results.map(\.scaling.reference))
    guard let reference = references.first, references.count == 1 else { return [] }
    return [
      LineChart.Series(name: "ideal", points: threads.map { (x: Double($0), y: Double($0) / Double(reference)) })
    ]
  }

  private func chart(_ caption: String, _ series: [LineChart.Series]) -> HTML {
    Page.figure(
      LineChart(series, xTitle: "threads", yTitle: "", x: .whole, y: .linear, including: [0]).svg, caption: caption)
  }
}
