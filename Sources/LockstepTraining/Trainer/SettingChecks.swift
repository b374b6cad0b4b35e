import LockstepData
import LockstepDeclarations
import LockstepModel

// What is impossible in the settings of a run. The rules are those of the declarations, so that a configuration file
// says the same, with line and column.

extension Declared {
  /// Throws where a setting does not obey its rule.
  func check() throws(TrainingError) { try problems.throwFirst() }
}

extension [SettingProblem] {
  func throwFirst() throws(TrainingError) {
    guard let problem = first else { return }
    let path = problem.path.joined(separator: ".")
    throw .setting("\(path): found \(problem.found), expected \(problem.expected)")
  }
}

extension Trainer.Options {
  /// Throws where there is not one weight a class, or none by which anything is learned.
  func checkClassWeights(_ loss: Loss, outputs: Int) throws(TrainingError) {
    guard let classWeights else { return }
    let classes: Int
    switch loss.targets {
    case .classes: classes = outputs
    case .labels where outputs == 1: classes = 2
    case .labels, .numbers:
      throw .setting("found class weights for \(loss.name) on \(outputs) outputs, expected a loss of classes")
    }
    guard classWeights.count == classes else {
      throw .setting("found \(classWeights.count) class weights, expected \(classes), one a class")
    }
    for (index, weight) in classWeights.enumerated() {
      guard weight.isFinite, NumberRule.nonNegative.holds(Double(weight)) else {
        throw .setting("found the weight of class \(index), \(weight), expected \(NumberRule.nonNegative.text)")
      }
    }
    guard classWeights.contains(where: { $0 > 0 }) else {
      throw .setting("found no class weight above 0, expected at least one")
    }
  }
}

extension Sampler {
  /// Throws where a batch leaves a shard with fewer than the two rows that its BatchNorm's variance needs.
  package func checkShardStatistics(shards: Int) throws(TrainingError) {
    for rows in batchSizes where Shard.fewestRows(of: shards, batch: rows) < 2 {
      let batch = rows < 2 ? "" : ", or `statistics: batch`"
      throw .setting(
        "a batch of \(rows) \(rows == 1 ? "row" : "rows") in \(shards) \(shards == 1 ? "shard" : "shards") leaves a shard with fewer than 2 rows, and BatchNorm takes its statistics over each shard: "
          + "take fewer shards, a larger batch, drop_last\(batch)")
    }
  }

  /// Throws where a batch has fewer than the two rows that the variance of a BatchNorm over all of it needs.
  package func checkBatchStatistics() throws(TrainingError) {
    guard batchSizes.contains(1) else { return }
    throw .setting(
      "a batch of 1 row has no variance, and BatchNorm takes its statistics over the batch: take another batch, or drop_last"
    )
  }

  /// The batches of an epoch have two sizes at most: the full one and the last one.
  private var batchSizes: [Int] { [rows(of: 0), rowsOfLastBatch] }
}
