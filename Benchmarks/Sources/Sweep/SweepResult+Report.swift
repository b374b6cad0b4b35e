import LockstepFormats
import LockstepRuns

extension SweepResult {
  var table: Table {
    Table(
      header: [sweep.axis, "time of a step", "products alone", "share", "ns a multiply-add"],
      rows: points.map {
        [
          "\($0.size)", Figure.time($0.seconds), Figure.time($0.products), Figure.percent($0.share),
          Figure.short($0.nanosecondsPerMultiplyAdd),
        ]
      })
  }

  var plot: LogPlot {
    let rate = Figure.short(2 * bestRate * 1e-9)
    return LogPlot(
      title: sweep.title, xLabel: sweep.axis, yLabel: "time of a step",
      xTicks: points.map { (Double($0.size), "\($0.size)") }, yText: Figure.roundTime,
      lines: [
        .init(name: "step", style: .measured, points: points.map { (Double($0.size), $0.seconds) }),
        .init(name: "its products alone", style: .compared, points: points.map { (Double($0.size), $0.products) }),
        .init(
          name: "products at \(rate) GF/s a core", style: .straight,
          points: points.map { (Double($0.size), straight($0)) }),
      ])
  }

  var plotName: String { "scaling-\(sweep.name).svg" }

  /// Its part of the page.
  var markdown: String {
    var parts = ["## \(sweep.title)", "\(sweep.subject.prefix(1).uppercased())\(sweep.subject.dropFirst())."]
    if !points.isEmpty { parts += ["![\(sweep.title)](\(plotName))", table.markdown] }
    return (parts + notes).joined(separator: "\n\n")
  }

  /// What could not be measured.
  var notes: [String] { skipped.map { "Not measured at \($0.size) \(sweep.axis): \($0.reason)" } }

  /// The whole page.
  static func page(_ results: [SweepResult]) -> String {
    let head = """
      # How the cost of a step grows

      Written by `Benchmarks sweep` on \(Machine.line). Every figure is the best of several short turns; step and products took turns.

      *Products alone* is what the step's matrix products take with one shard a worker, on as many workers as have a core, and *share* how much of a step that is.
      A multiply-add is one of a product's: 2 for every weight of the first layer and every sample, 3 for every other. The dashed line is what the products would
      take at the best rate of their sweep.
      """
    return ([head] + results.map(\.markdown)).joined(separator: "\n\n") + "\n"
  }

  /// Writes the page, its plots and its figures into the folder `folder`.
  static func write(_ results: [SweepResult], to folder: String) throws {
    for result in results where !result.points.isEmpty {
      try TemporaryFile.replace("\(folder)/\(result.plotName)", with: result.plot.svg)
    }
    try TemporaryFile.replace("\(folder)/scaling.md", with: page(results))
    try JSONFile.write(
      ["machine": Machine.json, "sweeps": .array(results.map(\.json))], to: "\(folder)/scaling.json")
  }
}
