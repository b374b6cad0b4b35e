import ArgumentParser
import Lockstep

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict every sample of a file.",
    discussion: """
      Examples:

        lockstep predict CHECKPOINT --input new.csv --output predictions.csv
        lockstep predict CHECKPOINT --input x.npy --output p.npy --probabilities
        lockstep predict CHECKPOINT --output p.csv \\
          --input '{npz: {path: new.npz, features: images}}'

      A row a sample, in the order of the input: the class, or a column a target. What was done to the training data (standardisation, categories) is done to \
      the input; a target in it is not looked at. Any number of threads gives the same bytes.
      """)

  @Argument(help: "The checkpoint.")
  var checkpoint: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The samples: a .csv, .npy, .npz, .safetensors or IDX file, or YAML as under data: in a configuration.",
      valueName: "file"))
  var input: String

  @Option(name: .long, help: ArgumentHelp("Where to write: a .csv or .npy file.", valueName: "file"))
  var output: String

  @Flag(name: .long, help: "One column a class, under the class's name, and nothing else.")
  var probabilities = false

  @OptionGroup var choice: WeightsOption

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads; by default one a core. The bytes do not depend on it.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 || threads > 128 { throw RunError.input("--threads \(threads): expected 1 to 128") }
    try requirePath(input, "--input")
    try requirePath(output, "--output")
  }

  func run() throws {
    try requireCheckpoint(checkpoint)
    guard let format = PredictionFormat(path: output) else {
      throw RunError.input("--output \(output): found another ending, expected a file that ends in .csv or .npy")
    }
    try requireWritable(output, "--output")
    let source = try TrainedModel.source(input, label: "--input", checkpoint: checkpoint)
    guard case .file(let file) = source else {
      throw RunError.input("--input: found synthetic data, expected a file")
    }
    if file.reads(output) {
      throw RunError.input("--output \(output): it is what --input reads, expected another file")
    }
    let model = try TrainedModel(
      checkpoint: checkpoint, weights: choice.weights, threads: threads ?? min(128, Processor.availableCores))
    let samples = try model.predict(file, to: output, as: format, probabilities: probabilities)
    Terminal.error("\(output): \(Format.count(samples)) \(Format.plural(samples, "sample"))")
  }
}
