import ArgumentParser
import Lockstep
import LockstepReport

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page about a run, or an index of the runs in a folder.",
    discussion: """
      Examples:

        lockstep report
        lockstep report runs/a
        lockstep report runs/a --output a.html
        lockstep report runs/a --watch
        lockstep report runs/a --mlflow mlruns
        lockstep report runs

      One HTML file that stands by itself: nothing is fetched, nothing runs. The run may be going on, or have been killed. Layers are told of where \
      the run was configured with metrics.layers_every. What the model makes of the run's validation data is measured anew, so that is opened.

      Of a folder that runs' folders stand in, one page of all runs is written, index.html, with a link to each that has a page.
      """)

  @OptionGroup var place: RunArgument

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The page. (default: report.html, or index.html, in the folder)", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(
    name: .long,
    help: "Write the page anew while the run goes on, and have browsers load it again; ends with the run, or by Ctrl-C."
  )
  var watch = false

  @OptionGroup var tracking: TrackingOptions

  func run() throws {
    let folder = try place.path(for: "report")
    if RunIndex.isMeant(by: folder) { return try writeIndex(of: folder) }
    let output = output ?? "\(folder)/\(RunIndex.pageName)"
    let page = try RunWatch(folder, output: output)
    try requireWritable(output, "--output")
    let store = try tracking.store()
    func put(_ history: RunHistory) throws(RunError) { try store?.write(history) }
    guard watch else {
      try page.write(also: put)
      return try Terminal.output(output)
    }
    Signals.install(announcing: false)
    try Terminal.output(output)
    if let signal = try page.follow(until: Signals.stop, also: put) {
      Exit.now(ExitStatus(rawValue: 128 + signal) ?? .failed)
    }
  }

  private func writeIndex(of folder: String) throws {
    for (isGiven, option) in [(watch, "--watch"), (tracking.mlflow != nil, "--mlflow")] where isGiven {
      throw RunError.input("\(option): found \(folder), a folder of runs, expected that of one run")
    }
    let output = output ?? "\(folder)/\(RunIndex.indexName)"
    let index = try RunIndex(folder)
    try requireWritable(output, "--output")
    for problem in index.problems { Terminal.warning(problem) }
    try ResultFile.write(index.report().text, to: output)
    try Terminal.output(output)
  }
}
