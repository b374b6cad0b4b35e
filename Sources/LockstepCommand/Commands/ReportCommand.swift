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
        lockstep report runs/a --watch
        lockstep report runs/a --mlflow mlruns

      One HTML file that stands by itself: nothing is fetched, nothing runs. The run may be going on, or have been killed. Layers are told of where \
      the run was configured with metrics.layers_every. A run of images opens its data, for pictures of what is classified wrongly.
      """)

  @OptionGroup var place: RunArgument

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The page. (default: report.html in the folder)", valueName: "file"),
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
    let output = output ?? "\(folder)/report.html"
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
}
