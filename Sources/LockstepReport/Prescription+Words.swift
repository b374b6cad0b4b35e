import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepStudies
import LockstepTraining

extension Prescription {
  /// What the list of cures is, in a sentence.
  package var introduction: String {
    if let proof {
      return
        "Each was trained with \(proof.seeds) \(Format.plural(proof.seeds, "seed")), as the run was without: \(proof.metric.title(of: proof.without))."
    }
    let tried = "Each was trained \(steps) \(Format.plural(steps, "step")) and diagnosed before and after"
    return cures.contains(where: \.isHealthy)
      ? "\(tried); the best comes first." : "\(tried), and none mends everything."
  }

  /// What became of the network with a cure, in some words.
  package func words(of cure: Int) -> String {
    let stages = cures[cure].diagnosis.stages
    let found = Verdict.allCases.filter { verdict in
      verdict != .healthy && stages.contains { $0.verdicts.contains(verdict) }
    }
    let state = found.isEmpty ? Verdict.healthy.words : found.map(\.words).joined(separator: ", ")
    let without = loss.map { "\(Format.significant($0, 3)) without" } ?? "without it diverges"
    guard let loss = cures[cure].loss else {
      return "\(state); diverges at \((stages.last?.stopped ?? "the end").prefix { $0 != ":" })"
    }
    return "\(state); loss \(Format.significant(loss, 3)), \(without)"
  }

  /// What training with a cure came to; nil where it was not trained.
  package func sentence(ofProof cure: Int) -> String? {
    guard let proof else { return nil }
    let cell = proof.with[cure]
    guard let difference = cell.difference else { return "trained: \(proof.metric.title(of: cell))" }
    let interval = difference.interval.map {
      ", 95 % interval \(Format.signed($0.lowerBound, 3)) to \(Format.signed($0.upperBound, 3))"
    }
    let judgement = proof.helps(cure) ? "" : "; no sure gain"
    return
      "trained: \(proof.metric.title(of: cell)), \(Format.signed(difference.mean, 3)) against without\(interval ?? "")\(judgement)"
  }

  /// The list of cures on a page.
  var list: [HTML] {
    let items = cures.enumerated().map { number, one in
      HTML.element(
        "li", [],
        [
          .element("p", [], [.element("strong", text: one.cure.kind.rawValue), .text(": \(words(of: number))")]),
          .element("p", [], [.text(one.cure.rule)]),
        ] + (sentence(ofProof: number).map { [.element("p", text: $0)] } ?? [])
          + one.cure.changes.map { .element("p", [], [.element("code", text: $0.option)]) }
          + (one.cure.source.isEmpty ? [] : [.element("p", [("class", "quiet")], Page.source(one.cure.source))]))
    }
    return [Page.paragraph(introduction, quiet: true), .element("ol", [("class", "advice")], items)]
  }
}

extension Metric {
  /// `accuracy 0.774`, or that it diverged.
  fileprivate func title(of cell: Comparison.Cell) -> String {
    cell.mean.map { "\(rawValue) \(Format.significant($0, 4))" } ?? "diverged (\(cell.diverged ?? ""))"
  }
}
