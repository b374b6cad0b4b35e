import ArgumentParser
import Lockstep
import LockstepReport

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Which columns a model goes by, and what it makes of them.",
    discussion: """
      Examples:

        lockstep explain runs/penguins
        lockstep explain runs/penguins --data test.csv --repeats 20
        lockstep explain CHECKPOINT --metric f1 --report page.html

      Shuffles the cells of each column of features among the samples and says how much worse the model does (permutation importance), with a 95 % \
      interval over the repeats; of the most important, what it predicts on average as the column takes one value after the other (partial dependence). \
      Without --data, on the validation data of the run. Nothing is trained, and any number of threads gives the same figures.
      """)

  @OptionGroup var trained: ModelArgument

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file with targets, - for a table on standard input, or YAML as under data: in a configuration.",
      valueName: "file"), completion: .file())
  var data: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("How often each column is shuffled. (default: 5)", valueName: "n"))
  var repeats: Int?

  @Option(
    name: .long, parsing: .unconditional, help: ArgumentHelp("Of the shuffling. (default: 1)", valueName: "n"))
  var seed: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("What gets worse. (default: accuracy, or r2 of a regression)", valueName: "metric"))
  var metric: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Take at most n samples, evenly apart. (default: 10000)", valueName: "n"))
  var samples: Int?

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var choice: WeightsOption

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. No figure depends on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var places: ResultPlaces

  func validate() throws {
    try requirePositive(repeats, "--repeats")
    try requirePositive(samples, "--samples")
    try requirePositive(threads, "--threads")
    try reading.require(data)
  }

  func run() throws {
    try places.check()
    let checkpoint = try trained.path()
    let source = try data.map { try TrainedModel.source($0, label: "--data", checkpoint: checkpoint) }
    var plan = Explanation.Plan()
    plan.metric = metric
    if let repeats { plan.repeats = repeats }
    if let seed { plan.seed = seed }
    if let samples { plan.samples = samples }
    let status = StatusLine(quiet: places.quiet)
    let explanation = try Explanation(
      checkpoint: checkpoint, on: source, plan, weights: choice.weights, threads: threads, reading: reading.overrides
    ) { done, total in status.show("evaluation \(done + 1)/\(total)", isBrief: true) }
    status.clear()
    for note in explanation.gaps.notes { Terminal.error("note: \(note)") }
    try Terminal.output(ExplanationText.of(explanation, columns: Terminal.outputColumns))
    if let json = places.json { try JSONFile.write(explanation.json, to: json) }
    if let report = places.report {
      try ResultFile.write(explanation.report(on: ResultPage.name(of: data)).text, to: report)
    }
  }
}
