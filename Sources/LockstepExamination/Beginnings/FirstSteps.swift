import LockstepConfiguration
import LockstepData
import LockstepKernels
import LockstepModel
import LockstepRuns
import LockstepTraining

/// The first steps of a run, and what became of them.
package struct FirstSteps {
  /// Before each update.
  var losses: [Double] = []
  /// Learning rate of the last update.
  var rate = 0.0
  /// Why it ended early, where numbers diverged.
  var stopped: String?

  /// Mean over the last quarter; infinite where it diverged.
  var loss: Double {
    let last = losses.suffix(max(1, losses.count / 4))
    return stopped == nil && !last.isEmpty ? last.reduce(0, +) / Double(last.count) : .infinity
  }

  /// Whether it still falls, by a tenth at least from one quarter of the steps to the next.
  var isFalling: Bool {
    let quarter = losses.count / 4
    if quarter == 0 || stopped != nil { return false }
    let before = losses.dropLast(quarter).suffix(quarter).reduce(0, +)
    return losses.suffix(quarter).reduce(0, +) < 0.9 * before
  }

  /// Trains so many steps, or until `isDone` says so of the losses.
  init(
    _ trainer: Trainer, steps: Int, until isDone: ([Double]) -> Bool = { _ in false },
    before: (Int) throws(TrainingError) -> Void = { (_: Int) throws(TrainingError) in },
    after: (Int) throws(TrainingError) -> Void = { (_: Int) throws(TrainingError) in }
  ) throws(TrainingError) {
    do throws(TrainingError) {
      for step in 0..<steps where !isDone(losses) {
        try before(step)
        let result = try trainer.step()
        losses.append(result.loss)
        rate = result.learningRate
        try after(step)
      }
    } catch {
      guard error.isDivergence else { throw error }
      stopped = error.description
    }
  }

  /// Multiply-adds that the training of a network may take: about five seconds of two cores.
  private static let work = 2e11

  /// Steps of a trial, at least, where there are so many: fewer say nothing.
  package static let fewest = 12

  /// Rows that there is work for, forward and back.
  package static func rows(of trainer: Trainer) -> Int {
    Int(min(1e12, work / trainer.network.products.reduce(1) { $0 + $1.multiplyAdds }))
  }

  /// Steps of a trial: as many as there is work for, at least `fewest`.
  static func steps(of trainer: Trainer, fewest: Int = Self.fewest, most: Int) -> Int {
    min(most, max(fewest, rows(of: trainer) / trainer.options.batch))
  }
}

extension RunSetup {
  /// A trainer with the weights that the run starts from.
  package func fresh() throws(RunError) -> Trainer { try initialTrainer(for: .networks(3)).trainer }
}
