import ArgumentParser
import Lockstep

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List the runs in a folder with their best metric.",
    discussion: """
      Examples:

        lockstep runs runs
        lockstep runs runs --json

      The best evaluation is that by checkpoint.keep_best, or else by accuracy for a classifier and by loss for a regression.
      """)

  @Argument(help: "The folder that the runs' folders stand in.", completion: .directory)
  var folder: String

  @Flag(name: .long, help: "Print the list as JSON.")
  var json = false

  func validate() throws { try requirePath(folder, "the folder") }

  func run() throws {
    let (runs, problems) = try RunRecord.all(in: folder)
    for problem in problems { Terminal.warning(problem) }
    if json { return try Terminal.output(JSONValue.array(runs.map { .object(description($0)) }).prettyText) }
    if runs.isEmpty { throw RunError.input("\(folder): found no run, expected a folder that runs' folders stand in") }
    let rows = runs.map { run in
      let best = run.best
      return [
        run.path == folder ? folder : Folder.lastName(of: run.path), run.status, Format.count(run.steps),
        best?.metric ?? "", best.map { Format.significant($0.value) } ?? "", best.map { Format.count($0.step) } ?? "",
        run.summary?["samples_per_second"]?.number.map { Format.count($0) } ?? "",
      ]
    }
    try Terminal.output(
      Table.text(
        ["run", "status", "steps", "metric", "best", "at step", "samples/s"], rows, right: [2, 4, 5, 6],
        columns: Terminal.tableColumns, leastFirst: [6, 2, 5, 3, 1, 4]))
  }

  private func description(_ run: RunRecord) -> JSONObject {
    let best: JSONObject? = run.best.map {
      ["metric": .string($0.metric), "value": .number($0.value), "step": .integer($0.step)]
    }
    return [
      "path": .string(run.path), "status": .string(run.status), "steps": .integer(run.steps),
      "best": best.map { .object($0) } ?? .null, "summary": run.summary.map { .object($0) } ?? .null,
    ]
  }
}
