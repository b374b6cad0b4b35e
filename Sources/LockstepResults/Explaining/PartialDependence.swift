import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// What a model predicts on average as one column of features takes one value after the other in every sample, and all
/// others stay as they are.
///
/// ```
/// PD(v) = 1/n · Σᵢ f(xᵢ with v in the column)
/// ```
/// Friedman 2001, "Greedy function approximation: a gradient boosting machine", https://doi.org/10.1214/aos/1013203451
public struct PartialDependence: Sendable, Equatable {
  /// What the column takes.
  public enum Grid: Sendable, Equatable {
    /// Ascending, in the column's unit: all values that there are, or the quantiles from 5 % to 95 %.
    case numbers([Double])
    case categories([String])
  }

  /// An output of the model along the grid.
  public struct Curve: Sendable, Equatable {
    /// The class, label or target.
    public var name: String
    /// Mean probability of the class or label, or mean value of the target in its unit.
    public var means: [Double]
  }

  /// Its column's place, from 0, and name.
  public let (column, name): (Int, String)
  /// The values that the column takes, one after the other.
  public let grid: Grid
  /// One an output; of two classes that of the second alone.
  public let curves: [Curve]
}

/// Averages the predictions of a model.
struct DependenceAverage {
  /// So many values of a column are all taken; of more categories the most frequent.
  static let mostValues = 20

  private let model: ModelOnData
  private let table: FeatureTable
  private let predictor: Predictor
  private let outputs: Matrix
  private let memory: Arena

  init(_ model: ModelOnData, _ table: FeatureTable, threads: Int?) throws(RunError) {
    (self.model, self.table) = (model, table)
    predictor = try model.restored.predictor(
      averaged: model.isAveraged, threads: threads ?? min(16, Processor.availableCores), precision: .float32)
    guard let memory = Arena(granted: table.count * predictor.network.outputs) else {
      throw .failed("the system does not grant the memory of \(table.count) outputs at present: take fewer --samples")
    }
    (self.memory, outputs) = (memory, memory.matrix(at: 0, rows: table.count, columns: predictor.network.outputs))
  }

  func dependence(onColumn index: Int) throws(RunError) -> PartialDependence {
    let (column, inputs) = (model.preprocessing.columns[index], table.places[index])
    var (grid, rows): (PartialDependence.Grid, [[Float]])
    if let categories = column.categories {
      let shown = frequent(inputs)
      grid = .categories(shown.map { categories[$0] })
      rows = shown.map { place in inputs.indices.map { $0 - inputs.lowerBound == place ? 1 : 0 } }
    } else {
      let values = Self.grid((0..<table.count).map { table.inputs[$0, inputs.lowerBound] })
      let isStandardized = model.preprocessing.isStandardized
      grid = .numbers(values.map { column.value(of: $0, isStandardized: isStandardized) })
      rows = values.map { [$0] }
    }
    var means: [[Double]] = []
    for row in rows { means.append(try average(setting: inputs, to: row)) }
    let names = model.names
    // Of two classes the second says all.
    let shown = if case .classification(2) = model.data.task { [1] } else { Array(names.indices) }
    return PartialDependence(
      column: index, name: model.columnNames[index], grid: grid,
      curves: shown.map { output in
        PartialDependence.Curve(
          name: names[output], means: means.map { $0[output - names.count + $0.count] })
      })
  }

  /// The categories of a column that most samples have, in their own order.
  private func frequent(_ inputs: Range<Int>) -> [Int] {
    if inputs.count <= Self.mostValues { return Array(0..<inputs.count) }
    let counts = inputs.map { input in (0..<table.count).count { table.inputs[$0, input] > 0 } }
    return counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(Self.mostValues).sorted()
  }

  /// All distinct values where they are few, else the quantiles at 5 %, 10 %, …, 95 %, between neighbours on a straight
  /// line; equal ones once.
  static func grid(_ values: [Float]) -> [Float] {
    let sorted = values.sorted()
    let distinct = without(repetitions: sorted)
    if distinct.count <= mostValues { return distinct }
    return without(
      repetitions: (1...19).map { place in
        let at = Double(place) / 20 * Double(sorted.count - 1)
        let (below, share) = (Int(at), at - at.rounded(.down))
        let above = min(below + 1, sorted.count - 1)
        return Float(Double(sorted[below]) + share * (Double(sorted[above]) - Double(sorted[below])))
      })
  }

  private static func without(repetitions sorted: [Float]) -> [Float] {
    sorted.indices.filter { $0 == 0 || sorted[$0] != sorted[$0 - 1] }.map { sorted[$0] }
  }

  /// The mean of every output over the samples, in their order.
  private func average(setting inputs: Range<Int>, to values: [Float]) throws(RunError) -> [Double] {
    let table = table
    try asFailure { () throws(DatasetError) in
      try predictor.predict(into: outputs) { rows, input throws(DatasetError) in
        input.elements.copy(from: table.inputs.rows(rows).elements)
        for row in 0..<input.rows {
          for (place, value) in zip(inputs, values) { input[row, place] = value }
        }
      }
    }
    return withFloatingPointEnvironment {
      conclude()
      return (0..<outputs.columns).map { column in
        (0..<outputs.rows).reduce(0) { $0 + Double(outputs[$1, column]) } / Double(outputs.rows)
      }
    }
  }

  /// Logits become probabilities, standardised targets numbers in their units.
  private func conclude() {
    switch model.configuration.loss.targets {
    case .classes: LossKernels.softmax(outputs, into: outputs)
    case .labels: ActivationFunction.sigmoid.forward(outputs.elements, into: outputs.elements)
    case .numbers: model.preprocessing.restoreUnits(outputs)
    }
  }
}
