import LockstepKernels
import LockstepModel

/// What each worker does to its slice of the parameters: runs of elements that are treated alike, cut into chunks that
/// stay in cache while a chunk goes from the shards' gradients to the updated weight.
struct UpdatePlan: Sendable {
  struct Chunk: Sendable {
    var range: Range<Int>
    /// Whether weight decay, L1 and L2 act on it.
    var decays: Bool
    /// Which of `factors` its learning rate has.
    var factor: Int
    /// Which of `pieces` it holds, all of each.
    var pieces = 0..<0
  }

  /// Elements of a chunk at most: a whole number of blocks.
  static let chunk = 16 * ParameterLayout.block

  /// What the learning rates of layers are multiplied by, each once.
  let factors: [Double]
  /// By worker, of what is trained. They end with blocks or with tensors.
  let chunks: [[Chunk]]
  /// The weights that are trained, cut where blocks end: what sums over a weight are made of.
  let pieces: [Range<Int>]
  /// By worker: its slice of what its rank owns, of each bucket where there are several.
  let slices: [[Range<Int>]]
  /// By worker: the weights whose units' norms it bounds, if they are bounded.
  let bounded: [[ParameterLayout.Entry]]

  init(layout: ParameterLayout, workers: Int, regularization: Regularization, ranks: Ranks? = nil) {
    let owned = ranks.map { $0.owned(by: $0.rank) } ?? [0..<layout.count]
    let slices = (0..<workers).map { worker in
      owned.map { layout.slice(of: worker, workers: workers, in: $0) }.filter { !$0.isEmpty }
    }
    let trained = layout.entries.filter(\.training.isTrainable)
    let factors = trained.map(\.training.learningRateFactor).reduce(into: [Double]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let runs = UpdatePlan.runs(layout, factors, regularization)
    self.factors = factors
    self.slices = slices
    let pieces = trained.filter { $0.role == .weight }.flatMap {
      UpdatePlan.cut($0.range, at: ParameterLayout.block)
    }
    self.pieces = pieces
    chunks = slices.map { slices in
      slices.flatMap { slice in
        runs.flatMap { run in
          UpdatePlan.cut(run.range.clamped(to: slice), at: UpdatePlan.chunk).map { range in
            Chunk(
              range: range, decays: run.decays, factor: run.factor, pieces: UpdatePlan.indices(of: pieces, in: range))
          }
        }
      }
    }
    let weights = regularization.maxNorm == nil ? [] : trained.filter { $0.role == .weight }
    bounded = (0..<workers).map { worker in
      weights.enumerated().filter { $0.offset % workers == worker }.map(\.element)
    }
  }

  /// What of the arena is trained, as runs that are treated alike; a tensor's padding goes with the tensor.
  private static func runs(
    _ layout: ParameterLayout, _ factors: [Double], _ regularization: Regularization
  ) -> [Chunk] {
    let acts = regularization.l1 != 0 || regularization.l2 != 0 || regularization.decoupled != 0
    var runs: [Chunk] = []
    for (index, entry) in layout.entries.enumerated() where entry.training.isTrainable {
      let end = index + 1 < layout.entries.count ? layout.entries[index + 1].offset : layout.count
      let decays = acts && (entry.decays || regularization.everything)
      let factor = factors.firstIndex(of: entry.training.learningRateFactor) ?? 0
      if let last = runs.last, last.decays == decays, last.factor == factor, last.range.upperBound == entry.offset {
        runs[runs.count - 1].range = last.range.lowerBound..<end
      } else {
        runs.append(Chunk(range: entry.offset..<end, decays: decays, factor: factor))
      }
    }
    return runs
  }

  /// Which of `pieces`, in order, begin in a range.
  static func indices(of pieces: [Range<Int>], in range: Range<Int>) -> Range<Int> {
    func first(from bound: Int) -> Int {
      var (low, high) = (0, pieces.count)
      while low < high {
        let middle = (low + high) / 2
        if pieces[middle].lowerBound < bound { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return first(from: range.lowerBound)..<first(from: range.upperBound)
  }

  /// The range, cut at the multiples of `size`.
  static func cut(_ range: Range<Int>, at size: Int) -> [Range<Int>] {
    if range.isEmpty { return [] }
    return (range.lowerBound / size...(range.upperBound - 1) / size).map {
      ($0 * size..<($0 + 1) * size).clamped(to: range)
    }
  }
}
