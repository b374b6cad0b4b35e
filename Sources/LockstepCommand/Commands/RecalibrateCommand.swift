import ArgumentParser
import Lockstep

struct RecalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recalibrate",
    abstract: "Recompute a checkpoint's BatchNorm statistics with its final weights.",
    discussion: """
      Examples:

        lockstep recalibrate runs/a/checkpoints/step-00029310.safetensors.zst
        lockstep recalibrate CHECKPOINT --batches 200 --output precise.zst

      The running mean and variance that inference uses follow the training from afar. This puts those of a population in their place: the rows of \
      many batches, all with the final weights (PreciseBN: Wu, Johnson 2021). The checkpoint itself stays as it is.
      """)

  @OptionGroup var trained: ModelArgument

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Batches to take the statistics over. (default: an epoch, at most \(Trainer.recalibrationBatches))",
      valueName: "n"))
  var batches: Int?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The checkpoint to write. (default: beside the other, step-…-recalibrated.safetensors.zst)", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(name: .long, help: "Write although such a file is there.")
  var overwrite = false

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads. The bits do not depend on it.", valueName: "n"))
  var threads: Int?

  @Flag(name: .long, help: "Print the figures as JSON.")
  var json = false

  func validate() throws {
    try requirePositive(threads, "--threads")
    try requirePositive(batches, "--batches")
  }

  func run() throws {
    let checkpoint = try trained.path()
    if let output { try requireWritable(output, "--output") }
    let recalibration = try Recalibration(
      checkpoint: checkpoint, batches: batches, output: output, overwriting: overwrite, threads: threads)
    if json { return try Terminal.output(JSONValue.object(recalibration.json).prettyText) }
    func text(_ metrics: [(name: String, value: Double)]) -> String {
      metrics.map { "\($0.name) \(Format.significant($0.value, 6))" }.joined(separator: ", ")
    }
    var rows = [("batches", "\(Format.count(recalibration.batches)), \(Format.count(recalibration.rows)) rows")]
    if let before = recalibration.before { rows.append(("validation before", text(before))) }
    if let after = recalibration.after { rows.append(("validation after", text(after))) }
    rows.append(("checkpoint", recalibration.receipt.path))
    rows.append(("weights digest", recalibration.receipt.weightsDigest))
    try Terminal.output(Table.pairs(rows, columns: Terminal.tableColumns))
  }
}
