import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns

/// Samples whose inputs are those of another, to the last bit.
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

  init(_ setup: RunSetup) throws(DatasetError) {
    var seen: [UInt64: UInt64] = [:]
    try Self.forEach(of: setup.train) { inputs, target in
      trained += 1
      guard let known = seen.updateValue(target, forKey: inputs) else { return }
      repeated += 1
      if known != target { contradicting += 1 }
    }
    guard let validation = setup.validation else { return }
    try Self.forEach(of: validation) { inputs, _ in
      validated += 1
      if seen[inputs] != nil { shared += 1 }
    }
  }

  /// Calls `body` with a hash of every sample's inputs, and one of its targets.
  private static func forEach(of set: any Dataset, _ body: (UInt64, UInt64) -> Void) throws(DatasetError) {
    let chosen = SampledData.spread(min(samples, max(256, elements / max(1, set.features))), over: set)
    let columns = set.task.targetColumns
    let chunk = max(1, min(256, room / max(1, set.features)))
    let memory = Arena(count: chunk * (set.features + columns))
    for first in stride(from: 0, to: chosen.count, by: chunk) {
      let part = Array(chosen[first..<min(first + chunk, chosen.count)])
      let inputs = memory.matrix(at: 0, rows: part.count, columns: set.features)
      let targets = memory.matrix(at: inputs.count, rows: part.count, columns: columns)
      try set.fill(part.span, features: inputs, targets: targets)
      for row in part.indices { body(hash(inputs.row(row)), hash(targets.row(row))) }
    }
  }

  /// Two numbers of 64 bits that differ are taken for two rows that do: of 200,000 rows a pair is confused with a
  /// probability of 10⁻⁹. Mixed by the finaliser of SplitMix64 — Steele, Lea, Flood 2014.
  private static func hash(_ row: Vector) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for column in 0..<row.count {
      // -0 is 0.
      hash ^= UInt64((row[column] + 0).bitPattern)
      hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
      hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
      hash ^= hash >> 31
    }
    return hash
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

  private static func coincidence(of values: [Float]) -> Double {
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
    let found = try Duplicates(setup)
    let trained = Double(found.trained)
    let repeated = Double(found.repeated) / max(1, trained)
    let shared = found.validated > 0 ? Double(found.shared) / Double(found.validated) : 0
    let chance = set.shape.isImage ? 0 : min(1, coincidence * trained)
    let figures = [
      Check.Figure("shared", found.validated > 0 ? shared : nil), Check.Figure("repeated", repeated),
      Check.Figure("contradicting", Double(found.contradicting) / max(1, trained)), Check.Figure("by_chance", chance),
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
    if words.isEmpty {
      return Check(.duplicates, .passed, figures, "No sample repeats another.")
    }
    let finding = words.joined(separator: "; ") + "."
    if shared > 0.1, shared > 2 * chance {
      return Check(
        .duplicates, .fault, figures, finding,
        remedy:
          "What validation shares with training it does not measure: remove copies, or split by group with data.split.by."
      )
    }
    if repeated > 0.5, repeated > 2 * chance {
      return Check(
        .duplicates, .fault, figures, finding, remedy: "Remove the copies, or look at what data.source reads.")
    }
    return Check(.duplicates, .noted, figures, finding)
  }
}
