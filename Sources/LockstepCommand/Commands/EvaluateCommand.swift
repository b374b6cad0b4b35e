import ArgumentParser
import Lockstep

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Loss and metrics of a checkpoint on a data set.",
    discussion: """
      Examples:

        lockstep evaluate runs/a/checkpoints/step-00029310.safetensors.zst
        lockstep evaluate CHECKPOINT --data test.csv
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

  @Flag(name: .long, help: "Print the metrics as JSON.")
  var json = false

  func validate() throws {
    try requirePositive(threads, "--threads")
    if data == nil, reading.overrides != ReadingOverrides() {
      let option = reading.missing == nil ? "--unknown" : "--missing"
      throw RunError.input("\(option): expected --data beside it; the run's own data is read as in training")
    }
  }

  func run() throws {
    let checkpoint = try trained.path()
    let source = try data.map { try TrainedModel.source($0, label: "--data", checkpoint: checkpoint) }
    let report = try EvaluationReport(
      checkpoint: checkpoint, on: source, weights: choice.weights, threads: threads, precision: products.precision,
      reading: reading.overrides)
    for note in report.gaps.notes { Terminal.error("note: \(note)") }
    if report.standardizesTargets {
      Terminal.error("note: the loss is that of standardised targets, the other figures are in the units of the files")
    }
    if json { return try Terminal.output(JSONValue.object(report.json).prettyText) }
    try Terminal.output(EvaluationText.of(report, columns: Terminal.tableColumns))
  }
}
