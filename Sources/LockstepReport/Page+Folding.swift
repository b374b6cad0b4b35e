extension Page {
  /// Small pictures of layers, side by side; then those of each fold behind a line.
  ///
  /// - Parameter figures: one a layer; nil for one that has none.
  static func folded(_ figures: [HTML?], _ folds: [LayerFolding.Fold], minimum: Int) -> [HTML] {
    let open = figures.indices.filter { index in !folds.contains { $0.layers.contains(index) } }
    let hidden = folds.map { fold in (fold.words, figures[fold.layers].compactMap { $0 }) }
    return [grid(open.compactMap { figures[$0] }, minimum: minimum)]
      + hidden.filter { !$0.1.isEmpty }.map { self.fold($0.0, [grid($0.1, minimum: minimum)]) }
  }
}
