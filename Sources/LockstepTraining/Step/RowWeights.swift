import LockstepData
import LockstepKernels
import LockstepModel

/// What each row of a batch counts in the objective: wᵢ in (1/B) Σ wᵢ lᵢ, the weight of its sample times that of its
/// class.
///
/// The sum is divided by the rows of the batch, as in Keras, so that shards need not know of each other's weights, and
/// the mean over batches is the mean over the data. (PyTorch's class weights divide by Σ wᵢ of the batch.)
struct RowWeights: Sendable {
  /// By class; nil where all count the same.
  private let classes: Slots<Float>?

  init(classes weights: [Float]?) {
    classes = weights.map { weights in
      let slots = Slots<Float>(repeating: 1, count: weights.count)
      for (index, weight) in weights.enumerated() { slots[index] = weight }
      return slots
    }
  }

  /// Whether rows of `data` count differently.
  func differ(in data: any Dataset) -> Bool { classes != nil || data.isWeighted }

  /// Writes the weights of some rows of `shard`, whose targets stand in its memory.
  ///
  /// - Parameter samples: the sample of each row.
  func write(
    into shard: ShardMemory, _ rows: Range<Int>, _ samples: Span<Int>, of data: any Dataset
  ) throws(DatasetError) {
    let weights = shard.weights[rows]
    if data.isWeighted { try data.fillWeights(samples, into: weights) } else { weights.fill(1) }
    guard let classes else { return }
    let labels = shard.targets.rows(rows)
    for row in 0..<rows.count {
      // A label that is no class makes its loss not a number, whatever its weight.
      let label = labels[row, 0]
      if label >= 0, label < Float(classes.count) { weights[row] *= classes[Int(label)] }
    }
  }
}
