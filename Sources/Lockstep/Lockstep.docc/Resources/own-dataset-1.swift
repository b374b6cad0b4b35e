import Lockstep

/// Points of the square [-1, 1]², of which three rings around 0 are the classes. Any of them is computed from its
/// number, so that their count costs no memory.
struct Rings: Dataset {
  let count: Int
  let features = 2
  let task = LearningTask.classification(classes: 3)
  /// Goes into checkpoints, and is compared where one goes on.
  var fingerprint: String { "rings \(count)" }

  /// Workers call it at the same time, each for rows of its own.
  func fill(_ indices: Span<Int>, features x: Matrix, targets y: Matrix) throws(DatasetError) {
    for row in indices.indices {
      let (a, b) = (place(indices[row], 0.754_877_666_2), place(indices[row], 0.569_840_291))
      let distance = (a * a + b * b).squareRoot()
      (x[row, 0], x[row, 1]) = (a, b)
      y[row, 0] = distance < 0.5 ? 0 : distance < 0.9 ? 1 : 2
    }
  }

  private func place(_ index: Int, _ ratio: Double) -> Float {
    let turns = Double(index) * ratio
    return Float(2 * (turns - turns.rounded(.down)) - 1)
  }
}
