import ArgumentParser
import Lockstep
import LockstepReport

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page about a run: curves, layers, speed, checkpoints.",
    discussion: """
      Examples:

        lockstep report
        lockstep report runs/a
        lockstep report runs/a --output a.html

      One HTML file that stands by itself: nothing is fetched, nothing runs. The run may be going on, or have been killed. Layers are told of where \
      the run was configured with metrics.layers_every. A run of images opens its data, for pictures of what is classified wrongly.
      """)

  @OptionGroup var place: RunArgument

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The page. (default: report.html in the folder)", valueName: "file"),
    completion: .file())
  var output: String?

  func run() throws {
    let folder = try place.path(for: "report")
    let output = output ?? "\(folder)/report.html"
    let history = try RunHistory(folder)
    try requireWritable(output, "--output")
    try ResultFile.write(history.report().text, to: output)
    try Terminal.output(output)
  }
}
