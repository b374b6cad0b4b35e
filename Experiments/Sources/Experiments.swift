import ArgumentParser
import LockstepFormats

/// The textbook's claims about initialisation, activations and normalisation, measured: makes docs/experiments anew.
/// See tools/reproduce.
@main
struct Experiments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiments",
    abstract: "Measures what the textbooks say of deep networks, and writes a page a question.")

  private static let all: [any Experiment] = [
    SignalPropagation(), DepthConvergence(), RectifierSlopes(), BatchNormPlacement(), ShardStatistics(),
    ActivationCost(), PrecisionLearning(),
  ]

  @Argument(help: "Which ones; all of them if none is named.")
  var names: [String] = []

  @Option(name: .long, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var output: String

  @Flag(name: .long, help: "A tenth of the work: to see that everything runs, not to learn anything.")
  var quick = false

  @Flag(name: .long, help: "Measure nothing: draw the pictures in the folder again, from what was measured for them.")
  var pictures = false

  func run() throws {
    let known = Self.all.map(\.name)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ValidationError("\(unknown): found no such experiment, expected one of \(known.joined(separator: ", "))")
    }
    try Folder.create(output)
    if pictures {
      for name in names.isEmpty ? known : names { try ExperimentPage.redraw(name, in: output) }
      return
    }
    for experiment in Self.all where names.isEmpty || names.contains(experiment.name) {
      print("\(experiment.name): \(experiment.title)")
      var page = ExperimentPage(name: experiment.name, title: experiment.title)
      try experiment.run(on: &page, quick: quick)
      try page.write(to: output)
      for claim in page.claims {
        print("  \(claim.outcome.words): \(claim.text) (\(claim.evidence))")
      }
    }
    try ExperimentPage.writeIndex(Self.all.map { ($0.name, $0.title) }, to: output)
  }
}

/// One question, and how it is answered.
protocol Experiment: Sendable {
  /// The name of its page.
  var name: String { get }
  var title: String { get }
  func run(on page: inout ExperimentPage, quick: Bool) throws
}
