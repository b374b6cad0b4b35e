import LockstepConfiguration
import LockstepFormats
import LockstepStudies

extension ScalingComparison {
  /// The results as a page: speed and speed-up of each over the threads.
  package func report() -> Page {
    func chart(_ caption: String, _ figure: (ThreadScaling.Row) -> Double) -> HTML {
      let series = results.map { name, scaling in
        LineChart.Series(
          name: name,
          points: scaling.rows.sorted { $0.threads < $1.threads }.map { (x: Double($0.threads), y: figure($0)) })
      }
      return Page.figure(
        LineChart(series, xTitle: "threads", yTitle: "", x: .whole, y: .linear, including: [0]).svg, caption: caption)
    }
    return Page(
      title: results.map(\.name).joined(separator: ", "), subtitle: "Training on several thread counts, side by side.",
      content: [
        Page.verdict("side by side", sentences, tone: .neutral),
        Page.section(
          "Threads",
          [
            Page.grid([
              chart("Samples a second", \.samplesPerSecond),
              chart("Speed-up, each against its own fewest threads", \.speedUp),
              chart("Efficiency: speed-up over the growth in threads", \.efficiency),
            ])
          ]),
        Page.section(
          "Figures",
          [
            Page.table(header, cells.map { $0.map { .text($0) } }, right: Set(header.indices)),
            Page.facts(facts.map { (name: $0, text: $1) }),
          ]),
      ])
  }
}
