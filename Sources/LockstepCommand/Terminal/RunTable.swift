import Lockstep

/// The table that grows while a run trains: a row an interval, training and validation side by side.
struct RunTable {
  private struct Column {
    /// `training` or `validation`; empty for what is of neither.
    var group: String
    var title: String
    var width: Int
    /// Where the terminal is narrow, those of the lowest rank are left out.
    var rank: Int
  }

  private let columns: [Column]

  /// - Parameters:
  ///   - training: names of the training figures, the loss first.
  ///   - validation: names of the validation figures, the loss first; none without validation data.
  ///   - watched: the metric that says which epoch is the best.
  ///   - steps: of the whole run.
  init(training: [String], validation: [String], watched: String, steps: Int, stepsPerEpoch: Int) {
    let epochs = Self.epochs(steps, stepsPerEpoch)
    func figures(_ names: [String], _ group: String, ranks: (loss: Int, watched: Int, other: Int)) -> [Column] {
      names.enumerated().map { index, name in
        let title = MetricText.title(name)
        // The widest number of four digits in an exponent's form is −1.234e-5.
        let width = max(Format.width(title), MetricText.isShare(name) ? 6 : 9)
        let rank = index == 0 ? ranks.loss : name == watched ? ranks.watched : ranks.other
        return Column(group: validation.isEmpty ? "" : group, title: title, width: width, rank: rank)
      }
    }
    columns =
      [
        Column(group: "", title: "epoch", width: max(5, 2 * "\(epochs)".count + 1), rank: 6),
        Column(group: "", title: "step", width: max(4, "\(steps)".count), rank: 9),
      ] + figures(training, "training", ranks: (8, 3, 1))
      + figures(validation, "validation", ranks: (7, 7, 2)) + [
        Column(group: "", title: "time", width: 7, rank: 4), Column(group: "", title: "left", width: 7, rank: 5),
      ]
  }

  /// Epochs of a run, the last of which may not be whole.
  static func epochs(_ steps: Int, _ stepsPerEpoch: Int) -> Int { (steps + stepsPerEpoch - 1) / max(1, stepsPerEpoch) }

  /// The columns that have room.
  ///
  /// - Parameter width: of the terminal; nil for none, where all are shown.
  func shown(in width: Int?) -> [Int] {
    var shown = Array(columns.indices)
    while let width, shown.reduce(-2, { $0 + columns[$1].width + 2 }) > width, shown.count > 1,
      let least = shown.reversed().min(by: { columns[$0].rank < columns[$1].rank })
    {
      shown.removeAll { $0 == least }
    }
    return shown
  }

  /// The titles, groups above them where there are two.
  func header(_ shown: [Int]) -> [String] {
    let titles = shown.map { Format.right(columns[$0].title, columns[$0].width) }
    let rule = shown.map { String(repeating: "─", count: columns[$0].width) }
    let lines = [titles, rule].map { $0.joined(separator: "  ") }
    guard columns.contains(where: { $0.group != "" }) else { return lines }
    var groups: [(name: String, width: Int)] = []
    for column in shown.map({ columns[$0] }) {
      if let last = groups.last, last.name == column.group {
        groups[groups.count - 1].width += 2 + column.width
      } else {
        groups.append((column.group, column.width))
      }
    }
    var line = groups.map { Self.title($0.name, width: $0.width) }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return [line] + lines
  }

  /// `─ training ─`, or as much of the word as there is room for.
  private static func title(_ name: String, width: Int) -> String {
    if name.isEmpty { return String(repeating: " ", count: width) }
    let dashes = width - name.count - 2
    guard dashes >= 2 else { return Format.right(name.count > width ? name.prefix(5) + "." : name, width) }
    let left = String(repeating: "─", count: dashes / 2)
    return "\(left) \(name) \(left)\(dashes % 2 == 0 ? "" : "─")"
  }

  /// What a row shows.
  struct Row {
    var step: Int
    /// From 0.
    var epoch: Int
    var training: [(name: String, value: Double)]
    var validation: [(name: String, value: Double)] = []
    var progress: RunProgress
    /// Whether the watched metric was never better.
    var isBest = false
  }

  func line(_ row: Row, _ shown: [Int], watched: String, _ style: TextStyle) -> String {
    func cell(_ column: Column, _ figures: [(name: String, value: Double)]) -> String {
      figures.first { MetricText.title($0.name) == column.title }.map { MetricText.value($0.value, of: $0.name) } ?? ""
    }
    let (fixed, times) = (2, columns.count - 2)
    let training = (times - fixed - validationCount)
    var line = shown.map { index in
      let column = columns[index]
      switch index {
      case 0:
        let epochs = Self.epochs(row.progress.target, row.progress.stepsPerEpoch)
        return Format.right("\(row.epoch + 1)/\(epochs)", column.width)
      case 1: return Format.right("\(row.step)", column.width)
      case times: return Format.right(Format.duration(row.progress.seconds), column.width)
      case times + 1: return Format.right(row.progress.secondsLeft.map { Format.duration($0) } ?? "", column.width)
      case ..<(fixed + training): return Format.right(cell(column, row.training), column.width)
      default:
        let text = Format.right(cell(column, row.validation), column.width)
        return row.isBest && column.title == MetricText.title(watched) ? style.green(text) : text
      }
    }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }

  private var validationCount: Int { columns.count { $0.group == "validation" } }
}

/// Metrics as people read them.
enum MetricText {
  /// As it is called above a column.
  static func title(_ name: String) -> String {
    Metric(rawValue: name)?.abbreviation ?? name
  }

  /// Whether it lies between 0 and 1, and is shown with four decimals.
  static func isShare(_ name: String) -> Bool {
    switch Metric(rawValue: name) {
    case .accuracy, .top5Accuracy, .subsetAccuracy, .precision, .recall, .f1, .microF1, .rocAUC: true
    case .loss, .meanAbsoluteError, .meanSquaredError, .rootMeanSquaredError, .r2, nil: false
    }
  }

  static func value(_ value: Double, of name: String) -> String {
    isShare(name) ? Format.fixed(value, 4) : Format.significant(value)
  }
}
