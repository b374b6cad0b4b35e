import Lockstep

/// The training loss of a whole run in one line of blocks: `█▅▃▂▁▁`.
struct LossCurve {
  /// More than any line shows.
  private static let parts = 120
  private static let blocks = Array("▁▂▃▄▅▆▇█")

  private let steps: Int
  /// Sum and count of the losses in each equal part of the run.
  private var sums: [(loss: Double, count: Double)]

  /// - Parameter steps: of the whole run.
  init(steps: Int) {
    self.steps = max(1, steps)
    sums = Array(repeating: (0, 0), count: min(self.steps, Self.parts))
  }

  /// Takes the mean loss of the steps from `first` to `last`.
  mutating func add(_ loss: Double, from first: Int, to last: Int) {
    guard loss.isFinite, first >= 1, first <= last, last <= steps else { return }
    for part in part(first)...part(last) {
      sums[part].loss += loss
      sums[part].count += 1
    }
  }

  /// Forgets the steps after `step`, to which a run was taken back.
  mutating func goBack(to step: Int) {
    for index in sums.indices where step < 1 || index > part(step) { sums[index] = (0, 0) }
  }

  private func part(_ step: Int) -> Int {
    min(sums.count - 1, Int(Double(step - 1) / Double(steps) * Double(sums.count)))
  }

  /// The curve in `width` characters, `·` where the run has still to come. Its heights are those of logarithms where
  /// the loss spans a decade.
  ///
  /// - Parameter share: of the run that is done.
  func text(width: Int, share: Double = 1) -> String {
    let known = share.isFinite ? min(1, max(0, share)) : 0
    let done = Int((known * Double(width)).rounded(.down))
    let means = (0..<width).map { mean($0, of: width) }
    let isLogarithmic = isLogarithmic
    func height(_ value: Double) -> Double { isLogarithmic ? Format.log10(value) : value }
    let heights = means.compactMap { $0 }.map(height)
    let (low, high) = (heights.min() ?? 0, heights.max() ?? 0)
    var last: Character = " "
    return String(
      means.enumerated().map { column, mean in
        if column >= done { return "·" }
        guard let mean else { return last }
        let step = high > low ? (height(mean) - low) / (high - low) * Double(Self.blocks.count - 1) : 0
        last = Self.blocks[min(Self.blocks.count - 1, Int(step.rounded()))]
        return last
      })
  }

  /// Whether the loss is positive and spans a decade.
  var isLogarithmic: Bool {
    let means = sums.filter { $0.count > 0 }.map { $0.loss / $0.count }
    guard let low = means.min(), let high = means.max() else { return false }
    return low > 0 && high >= 10 * low
  }

  /// Whether nothing is known yet.
  var isEmpty: Bool { sums.allSatisfy { $0.count == 0 } }

  /// The mean over a column's parts that are known; of fewer parts than columns, that of the part it lies in.
  private func mean(_ column: Int, of width: Int) -> Double? {
    let first = column * sums.count / width
    let parts = sums[first..<max(first + 1, (column + 1) * sums.count / width)]
    let count = parts.reduce(0) { $0 + $1.count }
    return count > 0 ? parts.reduce(0) { $0 + $1.loss } / count : nil
  }
}

extension LossCurve {
  /// The curve of a run that has come to `done` of its `steps`, from the lines of its log.
  init(_ lines: [MetricsLine], steps: Int, upTo done: Int = .max) {
    self.init(steps: steps)
    var first = 1
    for line in lines where line.event == "train" && line.step <= done {
      if let loss = line.values["loss"]?.number { add(loss, from: first, to: line.step) }
      first = line.step + 1
    }
  }
}
