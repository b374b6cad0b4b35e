import ArgumentParser
import Lockstep
import LockstepReport

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Loss and metrics of a checkpoint on a data set.",
    discussion: """
      Examples:

        lockstep evaluate runs/a/checkpoints/step-00029310.safetensors.zst
        lockstep evaluate CHECKPOINT --data test.csv
        lockstep evaluate runs/a --data test.csv --report results.html
        zcat test.csv.gz | lockstep evaluate CHECKPOINT --data - --missing mean
        lockstep evaluate CHECKPOINT --data '{npy: {features: x.npy, targets: y.npy}}'
        lockstep evaluate CHECKPOINT --data '{synthetic: {kind: gaussian_clusters,
          samples: 50000, features: 64, classes: 10, split: test}}'

      Without --data, on the validation data of the run: loss and accuracy are those of the training log, to the last digit. Precision, recall and F1 are \
      means over the classes; the area under the ROC curve is that of each class against all others.
      """)

  @OptionGroup var trained: ModelArgument

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file with targets, - for a table on standard input, or YAML as under data: in a configuration; a seed is the run's unless it says one.",
      valueName: "file"), completion: .file())
  var data: String?

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var choice: WeightsOption

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. The figures do not depend on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var products: PrecisionOption

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also write a page: confusion matrix, curves, calibration, residuals, the worst samples.", valueName: "file"),
    completion: .file())
  var report: String?

  @Flag(name: .long, help: "Print the metrics as JSON.")
  var json = false

  func validate() throws {
    try requirePositive(threads, "--threads")
    try reading.require(data)
  }

  func run() throws {
    if let report { try requireWritable(report, "--report") }
    let checkpoint = try trained.path()
    let source = try data.map { try TrainedModel.source($0, label: "--data", checkpoint: checkpoint) }
    let (evaluation, results) = try evaluated(checkpoint, on: source)
    for note in evaluation.gaps.notes { Terminal.error("note: \(note)") }
    if evaluation.standardizesTargets {
      Terminal.error("note: the loss is that of standardised targets, the other figures are in the units of the files")
    }
    try Terminal.output(
      json
        ? JSONValue.object(results?.json(evaluation) ?? evaluation.json).prettyText
        : EvaluationText.of(evaluation, columns: Terminal.tableColumns))
    guard let report, let results else { return }
    try ResultFile.write(results.report(evaluation, on: ResultPage.name(of: data)).text, to: report)
  }

  /// The figures, and where they are asked for those that a page has.
  private func evaluated(
    _ checkpoint: String, on source: DataSource?
  ) throws -> (EvaluationReport, ModelResults?) {
    guard json || report != nil else {
      let evaluation = try EvaluationReport(
        checkpoint: checkpoint, on: source, weights: choice.weights, threads: threads, precision: products.precision,
        reading: reading.overrides)
      return (evaluation, nil)
    }
    return try ModelResults.evaluated(
      checkpoint: checkpoint, on: source, weights: choice.weights, threads: threads, precision: products.precision,
      reading: reading.overrides)
  }
}
