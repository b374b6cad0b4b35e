import LockstepKernels

extension Preprocessing {
  /// Brings standardised targets back to the units that they have in files, in place: y ← y · deviation + mean, in
  /// Double.
  package func restoreUnits(_ targets: Matrix) {
    guard !targetScales.isEmpty else { return }
    for row in 0..<targets.rows {
      for (column, scale) in targetScales.enumerated() {
        targets[row, column] = Float(Double(targets[row, column]) * scale.deviation + scale.mean)
      }
    }
  }
}
