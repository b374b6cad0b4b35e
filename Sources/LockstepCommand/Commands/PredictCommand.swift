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
        lockstep predict CHECKPOINT --input new.csv --output p.csv \\
          --both --keep id,name
        zcat new.csv.gz | lockstep predict CHECKPOINT --input - --output - | head

      A row a sample, in the order of the input: the class, or a column a target. What was done to the training data (standardisation, categories) is done to \
      the input; a target in it is not looked at. Any number of threads gives the same bytes.
      """)

  @OptionGroup var trained: ModelArgument

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The samples: a .csv, .npy, .npz, .safetensors or IDX file, - for a table on standard input, or YAML as under data: in a configuration.",
      valueName: "file"), completion: .file())
  var input: String

  @Option(
    name: .long,
    help: ArgumentHelp("Where to write: a .csv or .npy file, or - for a table on standard output.", valueName: "file"),
    completion: .file())
  var output: String

  @Flag(name: .long, help: "One column a class, under the class's name, and nothing else.")
  var probabilities = false

  @Flag(name: .long, help: "The class, then one column a class; of several labels each with its probability.")
  var both = false

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Columns of a table to copy before the predictions, by name, or by number from 0 where it has no header; a name with a comma in quotes: id,'\"b, too\"'. Repeatable.",
      valueName: "columns"))
  var keep: [String] = []

  @OptionGroup var reading: ReadingOptions

  @OptionGroup var choice: WeightsOption

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Worker threads; by default one a core. The bytes do not depend on it.", valueName: "n"))
  var threads: Int?

  @OptionGroup var products: PrecisionOption

  func validate() throws {
    if let threads, threads < 1 || threads > 128 { throw RunError.input("--threads \(threads): expected 1 to 128") }
    if probabilities, both { throw RunError.input("--both: --probabilities leaves the class out; choose one") }
    try requirePath(input, "--input")
    try requirePath(output, "--output")
  }

  func run() throws {
    let checkpoint = try trained.path()
    guard let format = PredictionFormat(path: output) else {
      throw RunError.input("--output \(output): found another ending, expected a file that ends in .csv or .npy")
    }
    let isFile = output != PredictionFormat.standardOutput
    if isFile { try requireWritable(output, "--output") }
    let options = try PredictionOptions(
      both ? .both : probabilities ? .probabilities : .prediction,
      keeping: keep.flatMap { try PredictionOptions.names(in: $0) })
    let source = try TrainedModel.source(input, label: "--input", checkpoint: checkpoint)
    guard case .file(let file) = source else {
      throw RunError.input("--input: found synthetic data, expected a file")
    }
    if isFile, file.reads(output) {
      throw RunError.input("--output \(output): it is what --input reads, expected another file")
    }
    let model = try TrainedModel(
      checkpoint: checkpoint, weights: choice.weights, threads: threads ?? min(128, Processor.availableCores),
      precision: products.precision, reading: reading.overrides)
    // Whoever interrupts it finds no half of a file; what goes to standard output has no other half.
    if isFile { Signals.install(announcing: false) }
    do {
      let receipt = try model.predict(file, to: output, as: format, options, stop: Signals.stop)
      if receipt.isCutShort { return }
      for note in receipt.gaps.notes { Terminal.error("note: \(note)") }
      Terminal.error(
        "\(isFile ? output : "standard output"): \(Format.count(receipt.samples)) \(Format.plural(receipt.samples, "sample"))"
      )
    } catch {
      guard let signal = Signals.stop.signal else { throw error }
      throw ExitCode(128 + signal)
    }
  }
}
