import ArgumentParser
import Lockstep

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Loss and metrics of a checkpoint on a data set.",
    discussion: """
      Examples:

        lockstep evaluate runs/a/checkpoints/step-00001173.safetensors.zst
        lockstep evaluate CHECKPOINT --data '{synthetic: {kind: gaussian_clusters,
          samples: 50000, features: 64, classes: 10, split: test}}'

      Without --data, on the validation data of the run: the figures are those of the training log, to the last digit.
      """)

  @Argument(help: "The checkpoint.")
  var checkpoint: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A data set, as under data: in a configuration; its seed is the run's unless it says one.", valueName: "yaml"))
  var data: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. The figures do not depend on it.", valueName: "n"))
  var threads: Int?

  @Flag(name: .long, help: "Print the metrics as JSON.")
  var json = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads \(threads): expected at least 1.") }
  }

  func run() throws {
    try requireCheckpoint(checkpoint)
    let source = try data.map { try DataSource(yaml: $0, label: "--data", defaultSplit: "validation") }
    let metrics = try TrainedModel.evaluate(checkpoint: checkpoint, on: source, threads: threads)
    if json {
      var object = JSONObject()
      for (name, value) in metrics { object[name] = .number(value) }
      try Terminal.output(JSONValue.object(object).prettyText)
    } else {
      try Terminal.output(Table.pairs(metrics.map { ($0.name, Format.significant($0.value, 6)) }))
    }
  }
}
