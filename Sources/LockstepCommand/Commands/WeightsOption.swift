import ArgumentParser
import Lockstep

/// Which weights of a checkpoint `evaluate`, `predict` and `export` take.
struct WeightsOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Which weights, of a run with training.weight_average; by default the average.", valueName: "weights"))
  var weights: TrainedWeights?
}
