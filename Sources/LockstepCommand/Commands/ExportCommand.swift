import ArgumentParser
import Lockstep

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model for other tools: ONNX, safetensors, NumPy.",
    discussion: """
      Examples:

        lockstep export CHECKPOINT --to model.onnx --fold-batch-norm --probabilities
        lockstep export CHECKPOINT --to model.safetensors --layout torch
        lockstep export CHECKPOINT --to model.npz

      The ending of the file says the format. An ONNX file computes what the model does in inference, from the input "features" to "output", the logits \
      or targets; the others hold its tensors by name.
      """)

  @OptionGroup var trained: ModelArgument

  @Option(
    name: .long, help: ArgumentHelp("The file to write: .onnx, .safetensors or .npz.", valueName: "file"),
    completion: .file())
  var to: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How tensors are called and lie: keras (weight [inputs, units], gamma, …) or torch (weight [units, inputs], …).",
      valueName: "layout"))
  var layout = TensorLayout.keras

  @OptionGroup var choice: WeightsOption

  @Flag(name: .long, help: "Put a BatchNorm directly behind a dense layer or a convolution into its weight and bias.")
  var foldBatchNorm = false

  @Flag(name: .long, help: "Give an ONNX file a second output, \"probabilities\".")
  var probabilities = false

  @Flag(name: .long, help: "Write although such a file is there.")
  var overwrite = false

  func run() throws {
    let checkpoint = try trained.path()
    try requireWritable(to, "--to")
    let receipt = try TrainedModel(checkpoint: checkpoint, weights: choice.weights).export(
      to: to, layout: layout, foldingBatchNorm: foldBatchNorm, probabilities: probabilities, overwriting: overwrite)
    var rows = [
      ("file", receipt.path), ("format", receipt.format.rawValue), ("layout", receipt.layout.rawValue),
      ("tensors", "\(Format.count(receipt.tensors)), \(Format.count(receipt.numbers)) numbers"),
    ]
    if foldBatchNorm {
      let (found, folded) = receipt.batchNorms
      rows.append(("batch norms", "\(found), \(folded) of them folded"))
    }
    try Terminal.output(Table.pairs(rows, columns: Terminal.tableColumns))
  }
}

extension TensorLayout: ExpressibleByArgument {}
extension TrainedWeights: ExpressibleByArgument {}
