import ArgumentParser
import Lockstep

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List the runs in a folder with their best metric.",
    discussion: """
      Examples:

        lockstep runs
        lockstep runs comparisons/may
        lockstep runs --json

      A run is running (a process holds its lock), finished, stopped early, paused (it has saved, and goes on with lockstep resume), diverged, failed, or \
      killed: without a word of its end.

      The best evaluation is that by checkpoint.keep_best, or else by accuracy for a classifier and by loss for a regression.
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder that the runs' folders stand in. (default: \(RunPlaces.standard))", valueName: "folder"),
    completion: .directory)
  var given: String?

  private var folder: String { given ?? RunPlaces.standard }

  @Flag(name: .long, help: "Print the list as JSON.")
  var json = false

  func validate() throws { try requirePath(folder, "the folder") }

  func run() throws {
    if given == nil, (try? Folder.item(at: folder)) == .missing { throw RunPlaces.noRun(for: "runs") }
    let (runs, problems) = try RunRecord.all(in: folder)
    for problem in problems { Terminal.warning(problem) }
    if json { return try Terminal.output(JSONValue.array(runs.map { .object(description($0)) }).prettyText) }
    if runs.isEmpty { throw RunError.input("\(folder): found no run, expected a folder that runs' folders stand in") }
    // A mark that most lists have no use for.
    let hasForks = runs.contains { $0.origin != nil }
    let rows = runs.map { run in
      let best = run.best
      return [
        run.path == folder ? folder : Folder.lastName(of: run.path), run.state.words, Format.count(run.steps),
        best?.metric ?? "", best.map { Format.significant($0.value) } ?? "", best.map { Format.count($0.step) } ?? "",
        run.summary?["samples_per_second"]?.number.map { Format.count($0) } ?? "",
      ] + (hasForks ? [run.origin?.words ?? ""] : [])
    }
    try Terminal.output(
      Table.text(
        ["run", "status", "steps", "metric", "best", "at step", "samples/s"] + (hasForks ? ["forked from"] : []), rows,
        right: [2, 4, 5, 6], columns: Terminal.tableColumns, leastFirst: [6, 2, 5, 3, 1, 4] + (hasForks ? [7] : [])))
  }

  private func description(_ run: RunRecord) -> JSONObject {
    let best: JSONObject? = run.best.map {
      ["metric": .string($0.metric), "value": .number($0.value), "step": .integer($0.step)]
    }
    return [
      "path": .string(run.path), "status": .string(run.state.word),
      "paused_by": run.state.pause.map { .string($0.rawValue) } ?? .null, "steps": .integer(run.steps),
      "forked_from": run.origin.map { .object($0.json) } ?? .null, "best": best.map { .object($0) } ?? .null,
      "summary": run.summary.map { .object($0) } ?? .null,
    ]
  }
}
