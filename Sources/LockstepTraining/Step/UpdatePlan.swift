import LockstepKernels
import LockstepModel

/// What each worker does to its slice of the parameters: runs of elements that are treated alike, cut into chunks that stay in cache while a chunk goes
/// from the shards' gradients to the updated weight.
struct UpdatePlan: Sendable {
  struct Chunk: Sendable {
    var range: Range<Int>
    /// Whether weight decay, L1 and L2 act on it.
    var decays: Bool
  }

  /// Elements of a chunk at most: a whole number of blocks.
  static let chunk = 16 * ParameterLayout.block

  /// By worker.
  let chunks: [[Chunk]]
  /// By worker: its slice.
  let slices: [Range<Int>]
  /// By worker: the weights whose units' norms it bounds, if they are bounded.
  let bounded: [[ParameterLayout.Entry]]

  init(layout: ParameterLayout, workers: Int, regularization: Regularization) {
    let slices = (0..<workers).map { layout.slice(of: $0, workers: workers) }
    let runs = UpdatePlan.runs(layout, regularization)
    self.slices = slices
    chunks = slices.map { slice in
      runs.flatMap { run in
        UpdatePlan.cut(run.range.clamped(to: slice)).map { Chunk(range: $0, decays: run.decays) }
      }
    }
    let weights = regularization.maxNorm == nil ? [] : layout.entries.filter { $0.role == .weight }
    bounded = (0..<workers).map { worker in
      weights.enumerated().filter { $0.offset % workers == worker }.map(\.element)
    }
  }

  /// The whole arena as runs that are treated alike; a tensor's padding goes with the tensor.
  private static func runs(_ layout: ParameterLayout, _ regularization: Regularization) -> [Chunk] {
    let acts = regularization.l1 != 0 || regularization.l2 != 0 || regularization.decoupled != 0
    var runs: [Chunk] = []
    for (index, entry) in layout.entries.enumerated() {
      let end = index + 1 < layout.entries.count ? layout.entries[index + 1].offset : layout.count
      let decays = acts && (entry.decays || regularization.everything)
      if let last = runs.last, last.decays == decays {
        runs[runs.count - 1].range = last.range.lowerBound..<end
      } else {
        runs.append(Chunk(range: entry.offset..<end, decays: decays))
      }
    }
    return runs
  }

  /// Pieces of at most `chunk` elements.
  static func cut(_ range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: chunk).map { $0..<min($0 + chunk, range.upperBound) }
  }
}
