import LockstepFormats
import LockstepResults
import LockstepStudies

// Classes and labels.
extension ModelResults {
  /// Rows of a table, classes of a matrix, and of one whose cells have room for shares, at most.
  private static let (mostRows, mostClasses, mostShares) = (100, 20, 5)

  func pictures(of found: Classes) -> [HTML] {
    var content: [HTML] = []
    if let confusion = found.confusion {
      content.append(
        confusion.count <= Self.mostClasses
          ? matrix(confusion, found.classes.map(\.name)) : confused(confusion, found.classes.map(\.name)))
    }
    content.append(bars(found.classes, "class"))
    content.append(
      Page.grid(
        curves(
          found.classes.count == 2 ? "class \(found.classes[1].name)" : "each class against all others")
          + reliability([("", found.reliability)], "of the predicted class", "were right")))
    return content
  }

  func pictures(of labels: [Category]) -> [HTML] {
    let worst = labels.sorted { ($0.reliability?.expectedError ?? 0) > ($1.reliability?.expectedError ?? 0) }
    let reliable = worst.prefix(Self.mostCurves).compactMap { label in label.reliability.map { (label.name, $0) } }
    return [
      labelMatrix(labels), bars(labels, "label"),
      Page.grid(curves("each label") + reliability(reliable, "of a label", "have it")),
    ]
  }

  // MARK: Who is taken for whom

  private func matrix(_ confusion: [[Int]], _ names: [String]) -> HTML {
    let hasShares = names.count <= Self.mostShares
    let rows = zip(names, confusion).map { name, counts in
      let all = counts.reduce(0, +)
      return [HTML.text(Self.short(name))] + counts.map { Self.shade($0, of: all, isTold: hasShares) }
        + [.text(Format.count(all))]
    }
    let share =
      hasShares
      ? ", with the share of the row; the stronger the shade, the larger that share"
      : "; the stronger the shade, the larger the share of the row"
    return Page.figure(
      Page.table(
        ["true ╲ predicted"] + names.map { Self.short($0) } + ["samples"], rows, right: Set(1...names.count + 1)),
      caption:
        "Samples by their class (a row) and the one predicted (a column)\(share)."
    )
  }

  /// A count, and its share of `all` as a shade and, where there is room, in words; else they are told a pointer.
  private static func shade(_ count: Int, of all: Int, isTold: Bool = true) -> HTML {
    let share = all == 0 ? 0 : Double(count) / Double(all)
    // A share that would be 0.0 % says nothing.
    let words = share < 0.0005 ? Format.count(count) : "\(Format.count(count)) · \(Format.percent(share))"
    let kind = count == 0 ? "shade none" : "shade"
    return .element(
      "span", [("class", kind), ("style", "--share: \(coordinate(share))")] + (isTold ? [] : [("title", words)]),
      text: isTold ? words : Format.count(count))
  }

  /// Of many classes the pairs that are taken for each other most.
  private func confused(_ confusion: [[Int]], _ names: [String]) -> HTML {
    var pairs: [(truth: Int, guess: Int, count: Int)] = []
    for (truth, counts) in confusion.enumerated() {
      for (guess, count) in counts.enumerated() where guess != truth && count > 0 {
        pairs.append((truth, guess, count))
      }
    }
    let most = pairs.sorted { ($1.count, $0.truth, $0.guess) < ($0.count, $1.truth, $1.guess) }.prefix(Self.mostClasses)
    let rows = most.map { pair in
      [
        HTML.text(Self.short(names[pair.truth])), .text(Self.short(names[pair.guess])),
        Self.shade(pair.count, of: confusion[pair.truth].reduce(0, +)),
      ]
    }
    return Page.figure(
      Page.table(["class", "taken for", "samples"], rows, right: [2]),
      caption: pairs.isEmpty
        ? "No sample is taken for another class."
        : "Of \(Format.count(pairs.count)) pairs of classes those that are confused most, with the share of the class.")
  }

  private func labelMatrix(_ labels: [Category]) -> HTML {
    let rows = labels.prefix(Self.mostRows).map { label in
      [HTML.text(Self.short(label.name))]
        + (label.confusion ?? []).flatMap { counts in counts.map { Self.shade($0, of: counts.reduce(0, +)) } }
    }
    return Page.figure(
      Page.table(
        ["label", "neither", "predicted only", "missed", "both"], rows, right: [1, 2, 3, 4]),
      caption:
        "Samples by whether they have the label and whether it is predicted, with the share of those that have it, or not; the stronger the shade, the larger that share.\(labels.count > Self.mostRows ? " The first \(Self.mostRows) labels." : "")"
    )
  }

  // MARK: A bar a class

  private func bars(_ all: [Category], _ kind: String) -> HTML {
    // Of many those that are predicted worst.
    let shown = all.count > Self.mostRows ? Array(all.sorted { $0.f1 < $1.f1 }.prefix(Self.mostRows)) : all
    let rows = shown.map { one in
      [HTML.text(Self.short(one.name))] + [one.precision, one.recall, one.f1].map { Page.bar($0) }
        + [one.curves?.areaUnderROC, one.curves?.averagePrecision].map { .text($0.map { Format.fixed($0, 4) } ?? "–") }
        + [.text(Format.count(one.support))]
    }
    let note = shown.count < all.count ? " Of \(Format.count(all.count)) those with the least F1." : ""
    return Page.figure(
      Page.table(
        [kind, "precision", "recall", "F1", "ROC AUC", "average precision", "samples"], rows, right: [1, 2, 3, 4, 5, 6]),
      caption:
        "Precision: of what is predicted so, the share that is. Recall: of what is so, the share predicted. F1: their harmonic mean.\(note)"
    )
  }

  // MARK: Curves

  private func curves(_ what: String) -> [HTML] {
    let shown = drawnCurves
    if shown.isEmpty { return [] }
    let which = shown.count < curveCount ? "; of \(curveCount) the \(shown.count) with the least area" : ""
    func names(_ value: (RankingCurves) -> Double) -> [String] {
      shown.count == 1 ? [""] : shown.map { "\(Self.short($0.name)): \(Format.fixed(value($0.curves), 4))" }
    }
    func alone(_ value: (RankingCurves) -> Double) -> String {
      shown.count == 1 ? ": \(Format.fixed(value(shown[0].curves), 4))" : ""
    }
    let roc = zip(names(\.areaUnderROC), shown).map { name, one in
      LineChart.Series(name: name, points: one.curves.roc.map { (x: $0.x, y: $0.y) }, style: .curve)
    }
    let precision = zip(names(\.averagePrecision), shown).map { name, one in
      LineChart.Series(name: name, points: Self.steps(one.curves.precisionRecall), style: .curve)
    }
    return [
      Page.figure(
        LineChart(
          roc + [Self.diagonal], xTitle: "false positive rate", yTitle: "true positive rate", including: [0, 1]
        ).svg,
        caption:
          "Receiver operating characteristic of \(what), and the area under it\(alone(\.areaUnderROC))\(which). Dotted: scores that say nothing."
      ),
      Page.figure(
        LineChart(precision, xTitle: "recall", yTitle: "precision", including: [0, 1]).svg,
        caption:
          "Precision over recall of \(what), and the average precision\(alone(\.averagePrecision))\(which)."),
    ]
  }

  /// Bars as high as the curves beside them.
  static func high(_ bars: BarChart) -> HTML {
    var bars = bars
    bars.height = LineChart.height
    return bars.svg
  }

  /// The steps whose area is the average precision.
  private static func steps(_ points: [RankingCurves.Point]) -> [(x: Double, y: Double?)] {
    var (steps, before): ([(x: Double, y: Double?)], Double) = ([], 0)
    for point in points {
      steps += [(before, point.y), (point.x, point.y)]
      before = point.x
    }
    return steps
  }

  private static let diagonal = LineChart.Series(name: "", points: [(0, 0), (1, 1)], style: .reference)

  // MARK: Whether probabilities mean what they say

  private func reliability(_ all: [(name: String, reliability: Reliability)], _ of: String, _ truth: String) -> [HTML] {
    guard let first = all.first?.reliability else { return [] }
    let series = all.map { name, reliability in
      LineChart.Series(
        name: name == "" ? "" : "\(Self.short(name)): \(Format.fixed(reliability.expectedError, 4))",
        points: reliability.bins.compactMap { bin in
          bin.confidence.map { confidence in (x: confidence, y: bin.share) }
        })
    }
    // Both ends of both axes, whatever probabilities there are.
    var chart = LineChart(
      series + [Self.diagonal], xTitle: "probability \(of)", yTitle: "share", including: [0, 1])
    chart.x = Scale(.linear, holding: [0, 1])
    let error = all.count == 1 ? ": \(Format.fixed(first.expectedError, 4))" : ", beside each name"
    let figure = Page.figure(
      chart.svg,
      caption:
        "Reliability: of the samples whose probability \(of) lies in each of \(Reliability.bins) bins, the share that \(truth), over the mean probability; and the expected calibration error (Guo et al. 2017)\(error). On the dotted line probabilities mean what they say; below it they are too sure."
    )
    var totals = [Int](repeating: 0, count: Reliability.bins)
    for (_, reliability) in all { for (bin, found) in reliability.bins.enumerated() { totals[bin] += found.count } }
    var bars = BarChart(totals.map(Double.init), low: 0, high: 1, title: "samples by probability")
    bars.xTitle = "probability \(of)"
    bars.words = totals.enumerated().map { bin, count in
      let ends = [bin, bin + 1].map { Format.significant(Double($0) / Double(Reliability.bins), 3) }
      return "\(ends[0]) to \(ends[1]): \(Format.count(count))"
    }
    let most = zip(bars.words, totals).max { $0.1 < $1.1 }?.0 ?? ""
    return [
      figure,
      Page.figure(
        Self.high(bars), caption: "How many samples have that probability, by the same bins; the fullest is \(most)."),
    ]
  }
}
