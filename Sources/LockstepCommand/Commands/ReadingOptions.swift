import ArgumentParser
import Lockstep

/// What `predict` and `evaluate` do about gaps in a file.
struct ReadingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A category that training has not: error or ignore, which takes it for none; by default as in the run.",
      valueName: "rule"))
  var unknown: ReadingOverrides.Unknown?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "An empty cell or NaN: error or mean, the column's over the training samples; by default as in the run.",
      valueName: "rule"))
  var missing: ReadingOverrides.Missing?

  /// Throws where one of them is given without `data`, a file of one's own.
  func require(_ data: String?) throws {
    guard data == nil, overrides != ReadingOverrides() else { return }
    let option = missing == nil ? "--unknown" : "--missing"
    throw RunError.input("\(option): expected --data beside it; the run's own data is read as in training")
  }

  var overrides: ReadingOverrides { ReadingOverrides(unknown: unknown, missing: missing) }
}

extension ReadingOverrides.Unknown: ExpressibleByArgument {}
extension ReadingOverrides.Missing: ExpressibleByArgument {}

/// What `evaluate` and `predict` compute matrix products in.
struct PrecisionOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of the matrix products: float32, in which every run evaluates, or bf16, as a run with training.precision: bf16 trains.",
      valueName: "precision"))
  var precision = Precision.float32
}

extension Precision: ExpressibleByArgument {}

/// Which weights of a checkpoint `evaluate`, `predict` and `export` take.
struct WeightsOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which weights, of a run with training.weight_average; by default the average.", valueName: "weights"))
  var weights: TrainedWeights?
}
