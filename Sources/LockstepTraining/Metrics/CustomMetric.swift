import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// A metric of one's own: a value to which an evaluation hands every row of the network's outputs and of the targets.
///
/// ```swift
/// /// Share of samples whose class is among the two largest logits.
/// struct TopTwoAccuracy: CustomMetric {
///   let name = "top_2_accuracy"
///   private var right = 0
///   private var rows = 0
///   mutating func add(outputs: Matrix, targets: Matrix) {
///     for row in 0..<outputs.rows {
///       let (logits, label) = (outputs.row(row).array, Int(targets[row, 0]))
///       rows += 1
///       if logits.count(where: { $0 > logits[label] }) < 2 { right += 1 }
///     }
///   }
///   var value: Double { Double(right) / Double(rows) }
/// }
/// let found = try trainer.evaluate(on: validation, adding: [TopTwoAccuracy()])
/// print(found["top_2_accuracy"] ?? .nan)
/// ```
/// Rows come in the order of the data set, some at a time, to one thread, whatever the number of workers: a metric that
/// follows from them alone has the same bits on any. Nothing is trained by it, so no trained bit depends on what it
/// computes; it is only told.
public protocol CustomMetric: Sendable {
  /// What logs and reports call it: lower-case letters, digits and `_`, and none of the names of `Metric`.
  var name: String { get }

  /// Takes note of more rows.
  ///
  /// - Parameters:
  ///   - outputs: [rows, units], as the network gives them: logits of classes or labels. They are lent for the call.
  ///   - targets: [rows, targetColumns], as the data set gives them.
  mutating func add(outputs: Matrix, targets: Matrix)

  /// Over all rows that were added.
  var value: Double { get }
}

extension [any CustomMetric] {
  /// Throws where a name is none, or is taken.
  package func check() throws(TrainingError) {
    var taken = Set(Metric.allCases.map(\.rawValue) + ["event", "step"])
    for metric in self {
      let name = metric.name
      guard NameRule.holds(name) else {
        throw .setting("found a metric named \"\(name.prefix(100))\", expected \(NameRule.text)")
      }
      guard taken.insert(name).inserted else {
        throw .setting("found a metric named \(name), a name that is taken already, expected one of its own")
      }
    }
  }
}
