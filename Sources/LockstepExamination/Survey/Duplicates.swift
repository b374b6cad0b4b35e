import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns

/// Samples whose inputs are those of another, to the last bit or but for rounding.
struct Duplicates {
  /// Samples that are looked at, at most, of either set.
  private static let samples = 200_000
  /// Inputs that are looked at, at most.
  private static let elements = 1 << 25
  /// Inputs that are in memory at a time, of however many rows.
  private static let room = 1 << 22

  /// Training samples that were looked at.
  var trained = 0
  /// Of these: have the inputs of one before them.
  var repeated = 0
  /// Of these: with another target.
  var contradicting = 0
  /// Validation samples that were looked at.
  var validated = 0
  /// Of these: have the inputs of a training sample.
  var shared = 0
  /// Training samples of each class, and how many of them repeat one before them; empty where there are none.
  var (ofClass, repeatedOfClass): ([Int: Int], [Int: Int]) = ([:], [:])
  /// As `repeated` and `shared`: but for rounding.
  var (nearlyRepeated, nearlyShared) = (0, 0)

  init(_ setup: RunSetup, _ cells: SampleCells) throws(DatasetError) {
    var seen: [UInt64: UInt64] = [:]
    var (equal, near, wide) = (CellCounts(), CellCounts(), CellCounts())
    try Self.forEach(of: setup.train) { inputs, targets in
      trained += 1
      let (key, target) = (Self.hash(inputs), Self.hash(targets))
      if let known = seen.updateValue(target, forKey: key), known != target { contradicting += 1 }
      let (cell, wideCell) = cells.of(inputs)
      wide.add(wideCell)
      let (isNear, isEqual) = (near.add(cell), equal.add(key))
      if isEqual { repeated += 1 } else if isNear { nearlyRepeated += 1 }
      if case .classification = setup.train.task {
        ofClass[Int(targets[0]), default: 0] += 1
        if isEqual { repeatedOfClass[Int(targets[0]), default: 0] += 1 }
      }
    }
    if let validation = setup.validation {
      try Self.forEach(of: validation) { inputs, _ in
        validated += 1
        let (cell, wideCell) = cells.of(inputs)
        wide.meet(wideCell)
        let (isNear, isEqual) = (near.meet(cell), equal.meet(Self.hash(inputs)))
        if isEqual { shared += 1 } else if isNear { nearlyShared += 1 }
      }
    }
    // Samples that lie close by chance lie in cells of four times the width with four times as many others; copies with
    // no more but those that a cut has parted.
    if wide.pairs - near.pairs >= 2 * (near.pairs - equal.pairs) { (nearlyRepeated, nearlyShared) = (0, 0) }
  }

  /// The class of at least sixteen samples of which most repeat one before them, and how many do.
  var repeatedClass: (class: Int, share: Double)? {
    let shares = repeatedOfClass.map { (class: $0.key, share: Double($0.value) / Double(ofClass[$0.key] ?? 1)) }
    return shares.filter { $0.share > 0.5 && ofClass[$0.class] ?? 0 >= 16 }.min {
      ($1.share, $0.class) < ($0.share, $1.class)
    }
  }

  /// Calls `body` with every sample's inputs and targets.
  private static func forEach(of set: any Dataset, _ body: (Vector, Vector) -> Void) throws(DatasetError) {
    let chosen = SampledData.spread(min(samples, max(256, elements / max(1, set.features))), over: set)
    let columns = set.task.targetColumns
    let chunk = max(1, min(256, room / max(1, set.features)))
    let memory = Arena(count: chunk * (set.features + columns))
    for first in stride(from: 0, to: chosen.count, by: chunk) {
      let part = Array(chosen[first..<min(first + chunk, chosen.count)])
      let inputs = memory.matrix(at: 0, rows: part.count, columns: set.features)
      let targets = memory.matrix(at: inputs.count, rows: part.count, columns: columns)
      try set.fill(part.span, features: inputs, targets: targets)
      for row in part.indices { body(inputs.row(row), targets.row(row)) }
    }
  }

  private static func hash(_ row: Vector) -> UInt64 {
    var hash = Mixed()
    for column in 0..<row.count {
      // -0 is 0.
      hash.add(UInt64((row[column] + 0).bitPattern))
    }
    return hash.value
  }
}

extension DataSurvey {
  /// The probability that two samples have the same inputs if columns knew nothing of each other: Πₖ Σᵥ p(k, v)², p
  /// the share of samples with value v in column k.
  var coincidence: Double {
    var probability = 1.0
    for column in columns where probability > 1e-12 {
      var equal = 1.0
      // Categories are one value.
      for input in column.isCategory ? [] : column.inputs where equal * probability > 1e-12 {
        equal *= Self.coincidence(of: (0..<rows).map { inputs[$0, input] })
      }
      if column.isCategory {
        equal = Self.coincidence(
          of: (0..<rows).map { row in Float(column.inputs.firstIndex { inputs[row, $0] > 0 } ?? -1) })
      }
      probability *= equal
    }
    return probability
  }

  static func coincidence(of values: [Float]) -> Double {
    let sorted = values.sorted()
    var (sum, first) = (0.0, 0)
    for place in 1...sorted.count where place == sorted.count || sorted[place] != sorted[first] {
      let share = Double(place - first) / Double(sorted.count)
      sum += share * share
      first = place
    }
    return sum
  }

  /// Samples that occur more than once, and such that training and validation share. Where columns have few values,
  /// equal rows come by chance; what is beyond that is a copy.
  func duplicates(_ setup: RunSetup) throws(DatasetError) -> Check {
    let found = try Duplicates(setup, SampleCells(self))
    let trained = Double(max(1, found.trained))
    let validated = Double(max(1, found.validated))
    let (repeated, nearlyRepeated) = (Double(found.repeated) / trained, Double(found.nearlyRepeated) / trained)
    let (shared, nearlyShared) = (Double(found.shared) / validated, Double(found.nearlyShared) / validated)
    let chance = set.shape.isImage ? 0 : min(1, coincidence * trained)
    let figures = [
      Check.Figure("shared", found.validated > 0 ? shared : nil), Check.Figure("repeated", repeated),
      Check.Figure("contradicting", Double(found.contradicting) / trained), Check.Figure("by_chance", chance),
      Check.Figure("nearly_shared", found.validated > 0 ? nearlyShared : nil),
      Check.Figure("nearly_repeated", nearlyRepeated),
    ]
    var words: [String] = []
    if found.repeated > 0 {
      words.append(
        "Of \(Format.count(found.trained)) training samples \(Format.percent(repeated)) repeat the inputs of another"
          + (found.contradicting > 0 ? ", \(Format.count(found.contradicting)) of them with another target" : ""))
    }
    if found.shared > 0 {
      words.append(
        "\(Format.percent(shared)) of \(Format.count(found.validated)) validation samples have the inputs of a training sample"
      )
    }
    // A pair or two are near each other by chance.
    if nearlyRepeated >= 0.01 {
      words.append("\(Format.percent(nearlyRepeated)) of the training samples are but for rounding as another")
    }
    if nearlyShared >= 0.01 {
      words.append(
        "\(Format.percent(nearlyShared)) of the validation samples are but for rounding as a training sample")
    }
    if words.isEmpty {
      return Check(.duplicates, .passed, figures, "No sample repeats another.")
    }
    let finding = words.joined(separator: "; ") + "."
    if shared + nearlyShared > 0.1, shared + nearlyShared > 2 * chance {
      return Check(
        .duplicates, .fault, figures, finding,
        remedy:
          "What validation shares with training it does not measure: remove copies, or split by group with data.split.by."
      )
    }
    if repeated + nearlyRepeated > 0.5, repeated + nearlyRepeated > 2 * chance {
      return Check(
        .duplicates, .fault, figures, finding, remedy: "Remove the copies, or look at what data.source reads.")
    }
    if set.shape.isImage, let most = found.repeatedClass {
      return Check(
        .duplicates, .fault, figures,
        "\(finding) Of \(title(ofClass: most.class)) it is \(Format.percent(most.share)).",
        remedy: "Look at the pictures of that class: whatever it was made by gives the same again and again.")
    }
    return Check(.duplicates, .noted, figures, finding)
  }
}
