import ArgumentParser
import Lockstep

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Configuration and result of two runs, side by side.",
    discussion: """
      Examples:

        lockstep diff runs/a runs/b
        lockstep diff runs/a runs/b --json

      Only the keys in which the configurations differ are shown, defaults included.
      """)

  @Argument(help: "The folder of a run.", completion: .directory)
  var first: String

  @Argument(help: "The folder of another.", completion: .directory)
  var second: String

  @Flag(name: .long, help: "Print as JSON.")
  var json = false

  func validate() throws {
    for folder in [first, second] { try requirePath(folder, "the folder of a run") }
  }

  func run() throws {
    let (a, b) = (try RunRecord(first), try RunRecord(second))
    let differences = b.configuration.differences(from: a.configuration)
    let results = zip(Self.results(a), Self.results(b)).map { (name: $0.name, a: $0.value, b: $1.value) }
      .filter { $0.a != .null || $0.b != .null }
    if json {
      func object(_ rows: [(name: String, a: JSONValue, b: JSONValue)]) -> JSONValue {
        var object = JSONObject()
        for row in rows { object[row.name] = [row.a, row.b] }
        return .object(object)
      }
      let keys = differences.map { (name: $0.key, a: Self.value($0.old), b: Self.value($0.new)) }
      return try Terminal.output(
        JSONValue.object(["configuration": object(keys), "result": object(results)]).prettyText)
    }
    let columns = Terminal.tableColumns
    let keys = differences.map { [$0.key, $0.old ?? "", $0.new ?? ""] }
    let none = [["(no key differs)", "", ""]]
    let values = results.map { [$0.name, Self.text($0.a), Self.text($0.b)] }
    try Terminal.output(
      Table.text(["configuration", first, second], keys.isEmpty ? none : keys, columns: columns) + "\n\n"
        + Table.text(["result", first, second], values, right: [1, 2], columns: columns))
  }

  /// What became of a run; the same names for every run of the same metrics.
  private static func results(_ run: RunRecord) -> [(name: String, value: JSONValue)] {
    let summary = run.summary
    var rows: [(name: String, value: JSONValue)] = [
      ("status", .string(run.state.word)), ("steps", .integer(run.steps)),
    ]
    rows.append(("forked from", run.origin.map { .string($0.words) } ?? .null))
    for key in ["final_loss", "samples_per_second", "seconds"] { rows.append((key, summary?[key] ?? .null)) }
    let last = run.evaluations.last?.metrics
    for metric in Metric.allCases.map(\.rawValue) { rows.append(("validation \(metric)", last?[metric] ?? .null)) }
    rows.append(("best by", run.best.map { .string($0.metric) } ?? .null))
    rows.append(("best", run.best.map { .number($0.value) } ?? .null))
    rows.append(("best at step", run.best.map { .integer($0.step) } ?? .null))
    rows.append(("weights digest", summary?["weights_digest"] ?? .null))
    return rows
  }

  private static func value(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .integer(let count): Format.count(count)
    case .number(let number): Format.significant(number)
    default: ""
    }
  }
}
