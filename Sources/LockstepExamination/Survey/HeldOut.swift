import LockstepData
import LockstepModel
import LockstepRuns
import LockstepTraining

/// Whether a network knows more of validation samples than one that was trained as long on inputs that belong to other
/// targets: both may know by heart what they were trained on, but of these samples neither has seen one.
struct HeldOut {
  /// Groups of samples; the differences of their losses tell how sure the mean of all is.
  private static let groups = 16
  /// Samples of a group, at least and at most.
  private static let sizes = (least: 4, most: 256)

  /// The other's loss less the network's own, the mean over all groups.
  let difference: Double
  /// Of that mean.
  let standardError: Double

  /// By two standard errors.
  var isBetter: Bool { difference > 2 * standardError }

  /// Nil where there are too few validation samples.
  init?(_ setup: RunSetup, _ own: Trainer, against other: Trainer) throws(TrainingError) {
    guard let validation = setup.validation, validation.count >= Self.groups * Self.sizes.least else { return nil }
    let affordable = FirstSteps.rows(of: own) / (2 * Self.groups)
    let size = min(max(Self.sizes.least, min(Self.sizes.most, affordable)), validation.count / Self.groups)
    let samples = SampledData.spread(size * Self.groups, over: validation)
    // Every sixteenth, so that groups of a sorted set are alike.
    let dealt = (0..<Self.groups).flatMap { group in
      stride(from: group, to: samples.count, by: Self.groups).map { samples[$0] }
    }
    func losses(_ trainer: Trainer) throws(TrainingError) -> [Double] {
      let probe = try GradientProbe(like: trainer, on: validation, dealt, batch: size, shards: 1)
      let weights = GradientProbe.weights(trainer)
      var losses: [Double] = []
      do throws(TrainingError) {
        for group in 0..<Self.groups { losses.append(try probe.look(at: weights, batch: group).loss) }
      } catch {
        guard error.isDivergence else { throw error }
        return [Double](repeating: .infinity, count: Self.groups)
      }
      return losses
    }
    let differences = zip(try losses(own), try losses(other)).map { $1 - $0 }
    let count = Double(Self.groups)
    let mean = differences.reduce(0, +) / count
    let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    (difference, standardError) = (mean, (variance / count).squareRoot())
  }
}
