import LockstepKernels
import LockstepTraining

/// Of samples whose targets are numbers.
struct TargetSampleFigures: SampleFigures {
  private var figures: [RegressionFigures]

  init(_ targets: Int) { figures = Array(repeating: RegressionFigures(), count: targets) }

  mutating func add(_ outputs: Matrix, _ targets: Matrix, conclude: (Matrix) -> Void) {
    conclude(outputs)
    for row in 0..<outputs.rows {
      for column in figures.indices {
        figures[column].add(true: targets[row, column], predicted: outputs[row, column])
      }
    }
  }

  func conclude(_ report: inout EvaluationReport, name: (Int) -> String) {
    report.targets = figures.enumerated().map { index, figures in
      EvaluationReport.TargetFigures(name: name(index), figures: figures)
    }
    let count = Double(figures.count)
    let squared = figures.reduce(0) { $0 + $1.rootMeanSquaredError * $1.rootMeanSquaredError } / count
    report.further = [
      ("root_mean_squared_error", figures.count == 1 ? figures[0].rootMeanSquaredError : squared.squareRoot()),
      ("r2", figures.reduce(0) { $0 + $1.r2 } / count),
    ]
  }
}
