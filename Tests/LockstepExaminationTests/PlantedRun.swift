import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepExamination
@testable import LockstepRuns

/// A small run in which faults are planted: what is written of it, and what its checks come to.
struct PlantedRun {
  var header = "a,b,c,y"
  var rows = PlantedRun.rows()
  var data = "standardize: true, split: {validation: 0.2, seed: 1}"
  var layers = "{dense: 32}, relu, {dense: 32}, relu, {dense: 2}"
  var loss = "softmax_cross_entropy"
  var optimizer = "{adam: {learning_rate: 0.003}}"
  var training = "{batch_size: 32, shards: 2, threads: 1, epochs: 20}"

  /// A table of 600 rows: the class follows from a and b, c is noise; then what a fault changes of it.
  static func rows(_ change: (_ row: Int, _ cells: inout [String]) -> Void = { _, _ in }) -> [[String]] {
    var generator = SeededGenerator(seed: 7)
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) } }
    return (0..<600).map { row in
      let (a, b, c) = (normal(), normal(), normal())
      var cells = ["\(a)", "\(b)", "\(c)", a * b + 0.1 * normal() > 0 ? "yes" : "no"]
      change(row, &cells)
      return cells
    }
  }

  static func regression(_ factor: Double, _ shift: Double) -> PlantedRun {
    var planted = PlantedRun()
    planted.rows = rows { _, cells in
      let (a, b) = (Double(cells[0]) ?? 0, Double(cells[1]) ?? 0)
      cells[3] = "\(shift + factor * (a * a + b))"
    }
    planted.layers = "{dense: 32}, relu, {dense: 32}, relu, {dense: 1}"
    planted.loss = "mean_squared_error"
    return planted
  }

  /// - Parameter threads: nil for what is written.
  func checks(threads: Int? = nil) throws -> [Check] {
    try withTemporaryFolder { folder in
      let text = ([header] + rows.map { $0.joined(separator: ",") }).joined(separator: "\n") + "\n"
      try write(text, to: "\(folder)/t.csv")
      let yaml = """
        data: {source: {csv: {path: t.csv, target: y}}, \(data)}
        model: {layers: [\(layers)]}
        loss: \(loss)
        optimizer: \(optimizer)
        training: \(training)
        """
      try write(yaml, to: "\(folder)/c.yaml")
      let overrides = try threads.map { [try ConfigurationOverride("training.threads=\($0)")] } ?? []
      let configuration = try RunConfiguration(file: "\(folder)/c.yaml", overrides: overrides)
      return try Diagnosis.measure(configuration).checks(of: configuration)
    }
  }
}

/// The kinds of the checks that are at fault.
func faults(_ checks: [Check]) -> [Check.Kind] { checks.filter { $0.judgement == .fault }.map(\.kind) }

func expectCheck(
  _ kind: Check.Kind, _ judgement: Check.Judgement = .fault, in checks: [Check],
  _ location: SourceLocation = #_sourceLocation
) {
  let check = checks.first { $0.kind == kind }
  #expect(
    check?.judgement == judgement, "\(checks.map { "\($0.kind) \($0.judgement) \($0.finding)" })",
    sourceLocation: location)
}
