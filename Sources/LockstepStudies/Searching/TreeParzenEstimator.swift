/// Where the next trial of a search promises most: where the best of the trials before lie densely, and the others do
/// not — the tree-structured Parzen estimator of Bergstra, Bardenet, Bengio, Kégl 2011, "Algorithms for
/// hyper-parameter optimization", https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization
///
/// Of n trials the best ⌈n/10⌉, 25 at most, give the density l, all others g; of 24 points drawn from l, that with the
/// greatest l/g has the greatest expected improvement (equation 4 of the article).
struct TreeParzenEstimator {
  /// Trials that are drawn at random before.
  static let first = 10
  private static let candidates = 24

  private let axes: [ParzenEstimator.Axis]
  private let (best, others): (ParzenEstimator, ParzenEstimator)

  /// - Parameter ranked: the points of the trials before, the best first.
  init(_ ranked: [[Double]], axes: [ParzenEstimator.Axis]) {
    let count = min((ranked.count + 9) / 10, 25)
    self.axes = axes
    best = ParzenEstimator(Array(ranked.prefix(count)), axes: axes)
    others = ParzenEstimator(Array(ranked.dropFirst(count)), axes: axes)
  }

  /// The points that promise something, the most promising first.
  ///
  /// - Parameter share: of a candidate, counted from 1, and an axis, or nil for what belongs to none: uniform in
  ///   0 ..< 1.
  func promising(_ share: (_ candidate: Int, _ axis: Int?) -> Double) -> [[Double]] {
    let drawn = (1...Self.candidates).map { candidate in
      let point = best.draw(kernel: share(candidate, nil), shares: axes.indices.map { share(candidate, $0) })
      return (point: point, promise: best.logDensity(at: point) - others.logDensity(at: point), candidate: candidate)
    }
    return drawn.sorted { $0.promise != $1.promise ? $0.promise > $1.promise : $0.candidate < $1.candidate }
      .map(\.point)
  }
}
