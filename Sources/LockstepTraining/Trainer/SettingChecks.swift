import LockstepData
import LockstepModel

// What is impossible in the numbers of a run. A configuration file says the same with line and column; these are for
// the users of the library.

/// Throws unless `value` is a finite number for which `holds` is true.
private func require(
  _ what: String, _ value: Double, _ expected: String, _ holds: (Double) -> Bool
) throws(TrainingError) {
  guard value.isFinite, holds(value) else { throw .setting("found \(what) \(value), expected \(expected)") }
}

private func requirePositive(_ what: String, _ value: Double) throws(TrainingError) {
  try require(what, value, "a number above 0") { $0 > 0 }
}

/// Throws where a divisor or a bound of the kernels is not above 0 and finite in float32, in which they compute: there
/// 1e-60 is 0, and 1e60 infinite.
private func requirePositiveSingle(_ what: String, _ value: Double) throws(TrainingError) {
  try require(what, value, "a number above 0 that single precision holds") { $0 > 0 && Float($0).isNormal }
}

private func requireNonNegative(_ what: String, _ value: Double) throws(TrainingError) {
  try require(what, value, "a number of at least 0") { $0 >= 0 }
}

/// Also as the float32 that it is used as.
private func requireBelowOne(_ what: String, _ value: Double) throws(TrainingError) {
  try require(what, value, "a number from 0 to below 1") { $0 >= 0 && Float($0) < 1 }
}

extension Optimizer {
  func check() throws(TrainingError) {
    try requirePositiveSingle("\(name)'s learning rate", learningRate)
    switch self {
    case .sgd(_, let momentum, let nesterov):
      try requireBelowOne("\(name)'s momentum", momentum)
      guard momentum > 0 || !nesterov else {
        throw .setting("found nesterov without momentum, expected a momentum above 0")
      }
    case .adagrad(_, let epsilon):
      try requirePositiveSingle("\(name)'s epsilon", epsilon)
    case .rmsprop(_, let decay, let epsilon):
      try requireBelowOne("\(name)'s decay", decay)
      try requirePositiveSingle("\(name)'s epsilon", epsilon)
    case .adam(_, let beta1, let beta2, let epsilon), .adamw(_, let beta1, let beta2, let epsilon),
      .nadam(_, let beta1, let beta2, let epsilon, _), .adamax(_, let beta1, let beta2, let epsilon):
      try requireBelowOne("\(name)'s beta1", beta1)
      try requireBelowOne("\(name)'s beta2", beta2)
      try requirePositiveSingle("\(name)'s epsilon", epsilon)
    }
    if case .nadam(_, _, _, _, let decay) = self { try requireNonNegative("\(name)'s momentum decay", decay) }
  }
}

extension Loss {
  func check() throws(TrainingError) {
    switch self {
    case .softmaxCrossEntropy(let labelSmoothing):
      try requireBelowOne("\(name)'s label smoothing", Double(labelSmoothing))
    case .huber(let delta): try requirePositiveSingle("\(name)'s delta", Double(delta))
    case .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError: break
    }
  }
}

extension Regularization {
  func check() throws(TrainingError) {
    try requireNonNegative("l1", l1)
    try requireNonNegative("l2", l2)
    try requireNonNegative("decoupled weight decay", decoupled)
    if let maxNorm { try requirePositiveSingle("max norm", maxNorm) }
  }
}

extension LSUV {
  func check() throws(TrainingError) {
    try require("LSUV's tolerance", tolerance, "a number between 0 and 1") { $0 > 0 && $0 < 1 }
    try requirePositive("LSUV's iterations of", Double(maxIterations))
    try requirePositive("LSUV's samples of", Double(samples))
  }
}

extension WeightAverage {
  func check() throws(TrainingError) { try requireBelowOne("a weight average's decay", decay) }
}

extension GradientClip {
  func check() throws(TrainingError) {
    switch self {
    case .globalNorm(let limit): try requirePositive("a global norm of", limit)
    case .value(let limit): try requirePositive("a clipping value of", limit)
    }
  }
}

extension Schedule {
  func check() throws(TrainingError) {
    switch self {
    case .constant: break
    case .step(let every, let gamma):
      try requirePositive("a step schedule's interval of", Double(every))
      try requirePositive("a step schedule's gamma", gamma)
    case .piecewise(let boundaries, let factors):
      guard factors.count == boundaries.count + 1 else {
        throw .setting(
          "found \(factors.count) factors for \(boundaries.count) boundaries, expected one more than boundaries")
      }
      guard zip(boundaries, boundaries.dropFirst()).allSatisfy(<), boundaries.first.map({ $0 > 0 }) ?? true else {
        throw .setting("found the boundaries \(boundaries), expected steps above 0 that grow")
      }
      for factor in factors { try requireNonNegative("a piecewise schedule's factor", factor) }
    case .exponential(let rate, let every):
      try requirePositive("an exponential schedule's rate", rate)
      try requirePositive("an exponential schedule's interval of", Double(every))
    case .polynomial(let power, let end):
      try requirePositive("a polynomial schedule's power", power)
      try require("a polynomial schedule's end", end, "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    case .cosine(let warmupSteps, let end):
      try requireNonNegative("a cosine schedule's warm-up of", Double(warmupSteps))
      try require("a cosine schedule's end", end, "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    case .oneCycle(let peak, let divide, let finalDivide):
      try require("a one-cycle schedule's peak", peak, "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
      try require("a one-cycle schedule's divide", divide, "a number of at least 1") { $0 >= 1 }
      try require("a one-cycle schedule's final divide", finalDivide, "a number of at least 1") { $0 >= 1 }
    case .reduceOnPlateau(let plateau):
      try require("a plateau's factor", plateau.factor, "a number between 0 and 1") { $0 > 0 && $0 < 1 }
      try requireNonNegative("a plateau's patience of", Double(plateau.patience))
      try requireNonNegative("a plateau's threshold", plateau.threshold)
      try require("a plateau's minimum factor", plateau.minimumFactor, "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
    }
  }
}

extension Trainer.Options {
  /// Throws where there is not one weight a class, or none by which anything is learned.
  func checkClassWeights(_ loss: Loss, outputs: Int) throws(TrainingError) {
    guard let classWeights else { return }
    let classes: Int
    switch loss {
    case .softmaxCrossEntropy: classes = outputs
    case .binaryCrossEntropy where outputs == 1: classes = 2
    case .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber:
      throw .setting("found class weights for \(loss.name) on \(outputs) outputs, expected a loss of classes")
    }
    guard classWeights.count == classes else {
      throw .setting("found \(classWeights.count) class weights, expected \(classes), one a class")
    }
    for (index, weight) in classWeights.enumerated() {
      try requireNonNegative("the weight of class \(index),", Double(weight))
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
