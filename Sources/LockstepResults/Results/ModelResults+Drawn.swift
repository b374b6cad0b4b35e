extension ModelResults {
  /// Lines that a picture has at most, and targets that have pictures.
  package static let (mostCurves, mostPictures) = (8, 6)

  /// The classes or labels that have curves; the least area under the ROC curve, what is ranked worst, comes first.
  private var curved: [(name: String, curves: RankingCurves)] {
    let all =
      switch outcome {
      case .classes(let found): found.classes
      case .labels(let labels): labels
      case .targets: [Category]()
      }
    return all.compactMap { one in one.curves.map { (one.name, $0) } }.sorted {
      $0.1.areaUnderROC < $1.1.areaUnderROC
    }
  }

  /// Those whose curves are drawn.
  package var drawnCurves: [(name: String, curves: RankingCurves)] { Array(curved.prefix(Self.mostCurves)) }

  /// How many have curves.
  package var curveCount: Int { curved.count }
}
