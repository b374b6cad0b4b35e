import Lockstep
import LockstepReport

/// A search as people read it: the best trials, how to go on with the best, and what has diverged.
enum SearchText {
  /// Trials that are listed, and messages of those that diverged.
  private static let (listed, told) = (10, 3)

  /// - Parameters:
  ///   - folder: of the search.
  ///   - columns: of the terminal; nil for none.
  static func of(_ search: Search, name: String, folder: String, columns: Int? = nil) -> String {
    let metric = search.metric
    var paragraphs = [
      "\(name): \(metric.rawValue) of \(Format.count(search.trials.count)) \(Format.plural(search.trials.count, "trial")), \(metric.mode == .max ? "the highest" : "the lowest") first",
      table(search, columns),
    ]
    if search.trials.count > listed {
      paragraphs[1] += "\n… and \(Format.count(search.trials.count - listed)) more"
    }
    if search.rungs.count > 1 { paragraphs.append(lines(search.course, columns)) }
    let diverged = search.trials.filter { $0.diverged != nil }
    if !diverged.isEmpty {
      var messages = diverged.prefix(told).map { lines("trial \($0.number): \($0.diverged ?? "")", columns) }
      if diverged.count > told { messages.append("… and \(diverged.count - told) more") }
      paragraphs.append("\(diverged.count) of \(search.trials.count) diverged:\n\(messages.joined(separator: "\n"))")
    }
    if let best = search.best {
      if let line = search.commandLine(of: best) { paragraphs.append(line) }
      let sentence =
        "Trial \(best.number) is the run \(search.folder(of: best, in: folder)). Its configuration trains anew by"
      paragraphs.append(
        "\(lines(sentence, columns))\n"
          + Shell.command(["lockstep", "train", Shell.path("\(folder)/best.yaml")]))
    }
    return paragraphs.joined(separator: "\n\n")
  }

  private static func lines(_ text: String, _ columns: Int?) -> String {
    columns.map { Terminal.wrapped(text, columns: $0).joined(separator: "\n") } ?? text
  }

  private static func table(_ search: Search, _ columns: Int?) -> String {
    let header = ["trial"] + search.titles + [search.metric.rawValue, "steps"]
    let rows = search.trials.prefix(listed).map { trial in
      ["\(trial.number)"] + trial.choices.map(\.value)
        + [trial.metric.map { Format.significant($0) } ?? "diverged", Format.count(trial.steps)]
    }
    let numbers = search.settings.indices.filter { search.settings[$0].isRange }.map { $0 + 1 }
    return Table.text(
      header, rows, right: Set([0, header.count - 2, header.count - 1] + numbers), columns: columns,
      leastFirst: [header.count - 1])
  }
}
