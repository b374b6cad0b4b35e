import ArgumentParser
import Lockstep

/// Where else a run is told of.
struct TrackingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also put the run into this folder, which MLflow reads: mlflow ui --backend-store-uri folder.",
      valueName: "folder"),
    completion: .directory)
  var mlflow: String?

  func validate() throws {
    if let mlflow { try requirePath(mlflow, "--mlflow") }
  }

  /// The folder, made if need be; nil where none is given.
  func store() throws -> MLflowStore? { try mlflow.map { (path) throws(RunError) in try MLflowStore(path) } }
}
