import LockstepKernels

// What a row of logits says of classes. Nothing here goes by probabilities: rounded, they tie where logits do not.
extension Vector {
  /// The class that it speaks for: the largest, the first of equals; of one logit the second class where it is above 0.
  package var likeliestClass: Int {
    if count == 1 { return self[0] > 0 ? 1 : 0 }
    var best = 0
    for index in 1..<count where self[index] > self[best] { best = index }
    return best
  }

  /// How many classes come before class `label`: those with a larger logit, and with the same the ones before it.
  func rank(of label: Int) -> Int {
    let score = self[label]
    var rank = 0
    for index in 0..<count where self[index] > score || self[index] == score && index < label { rank += 1 }
    return rank
  }

  /// Calls `body` with every class and its log-odds, which order samples as its probability p would, were it not
  /// rounded:
  ///
  /// ```
  /// ln(p / (1 − p)) = z_k − ln Σⱼ≠ₖ e^zⱼ
  /// ```
  /// The sum is taken over the others alone, with the largest of them apart, so that neither end loses digits.
  package func forEachLogOdds(_ body: (Int, Double) -> Void) {
    let likeliest = likeliestClass
    let top = Double(self[likeliest])
    var second = -Double.infinity
    for index in 0..<count where index != likeliest { second = max(second, Double(self[index])) }
    var (all, others) = (0.0, 0.0)
    for index in 0..<count {
      all += Scalar.exp(Double(self[index]) - top)
      if index != likeliest { others += Scalar.exp(Double(self[index]) - second) }
    }
    for index in 0..<count {
      let logit = Double(self[index])
      // Without its own, all still holds the 1 of the likeliest.
      body(
        index,
        index == likeliest
          ? logit - second - Scalar.log(others) : logit - top - Scalar.log(all - Scalar.exp(logit - top)))
    }
  }
}
