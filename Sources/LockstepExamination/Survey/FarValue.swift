import LockstepFormats
import LockstepKernels

/// The value of a column that is farthest from its mean, where it is most of how the column moves: one sample's, or a
/// gap that was written as a number.
struct FarValue {
  /// Of the squared distances from the mean: what is gone of them without it, when the others have their own mean.
  let share: Double
  /// That have it.
  let samples: Int

  /// Nil where it is not more than half of them, 0.999 where several samples have it, so that the others' deviation is
  /// a thirtieth; of fewer than 64 samples; and where all others, or nine of ten, have one value anyway, so that there
  /// is nothing that it could hide.
  init?(_ matrix: Matrix, _ column: Int, _ moments: DataSurvey.Moments) {
    if matrix.rows < 64 || moments.deviation == 0 { return nil }
    let values = (0..<matrix.rows).map { matrix[$0, column] }
    func square(_ value: Float) -> Double { (Double(value) - moments.mean) * (Double(value) - moments.mean) }
    guard let far = values.max(by: { square($0) < square($1) }) else { return nil }
    let rest = values.filter { $0 != far }.map { Double($0) }
    guard let least = rest.min(), rest.contains(where: { $0 != least }) else { return nil }
    samples = values.count - rest.count
    let mean = rest.reduce(0, +) / Double(rest.count)
    let left = rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    share = 1 - left / (moments.deviation * moments.deviation * Double(values.count))
    if share <= (samples == 1 ? 0.5 : 0.999) || DataSurvey.coincidence(of: values) >= 0.81 { return nil }
  }

  var words: String {
    samples == 1
      ? "one sample makes up more than half, \(Format.percent(share))"
      : "\(Format.count(samples)) samples of one value make up \(Format.percent(share))"
  }
}
