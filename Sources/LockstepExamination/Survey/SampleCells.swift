import LockstepKernels

/// Cells in which samples lie that are equal but for rounding: sums of a sample's inputs with weights that are drawn
/// once, in units of the sums' own deviation, cut at places that are drawn too.
///
/// ```
/// sⱼ = Σₖ uⱼₖ (xₖ − μₖ) / σₖ / √(⅓ Σₖ 1)        uⱼₖ uniform in −1 … 1, σₖ the deviation of the input's column
/// cell = ⌊sⱼ / width + offsetⱼ⌋, j = 1 … 6
/// ```
///
/// Sums keep how far samples are from each other — Johnson, Lindenstrauss 1984; a cut hits two that are δ apart with
/// probability δ / width — Datar, Immorlica, Indyk, Mirrokni 2004, https://doi.org/10.1145/997817.997857
struct SampleCells {
  private static let sums = 6
  /// Of a cell, in deviations: numbers that are rounded to four digits are a twentieth of it apart, and pixels that are
  /// off by one grey of 256 a quarter.
  private static let width = (table: 1.0 / 256, image: 1.0 / 32)
  /// How many cells make a wide one, along each sum.
  private static let wide = 4.0

  /// [inputs, sums], in one line.
  private let weights: [Double]
  private let offsets: [Double]

  init(_ survey: DataSurvey) {
    let count = survey.set.features
    let random = RandomKey(seed: 1, purpose: .dataSplit, index: 2).stream(0).words(count: (count + 1) * Self.sums)
      .map { Double($0) / 0x1p32 }
    var scales = [Double](repeating: 0, count: count)
    for column in survey.columns {
      let deviation = survey.deviation(of: column)
      if deviation > 0 { for input in column.inputs { scales[input] = 1 / deviation } }
    }
    let square = scales.indices.reduce(0) { sum, input in
      let size = scales[input] * survey.moments[input].deviation
      return sum + size * size
    }
    let width = survey.set.shape.isImage ? Self.width.image : Self.width.table
    let unit = square > 0 ? (3 / square).squareRoot() / width : 0
    weights = scales.indices.flatMap { input in
      (0..<Self.sums).map { sum in (2 * random[input * Self.sums + sum] - 1) * scales[input] * unit }
    }
    offsets = (0..<Self.sums).map { [weights] sum in
      (0..<count).reduce(1e3 * random[count * Self.sums + sum]) {
        $0 - weights[$1 * Self.sums + sum] * survey.moments[$1].mean
      }
    }
  }

  /// The cell of a sample, and the wide one around it.
  func of(_ row: Vector) -> (cell: UInt64, wide: UInt64) {
    var (cell, wide) = (Mixed(), Mixed())
    for sum in 0..<Self.sums {
      var place = offsets[sum]
      for input in 0..<row.count { place += weights[input * Self.sums + sum] * Double(row[input]) }
      // -0 is 0.
      cell.add((place.rounded(.down) + 0).bitPattern)
      wide.add(((place / Self.wide).rounded(.down) + 0).bitPattern)
    }
    return (cell.value, wide.value)
  }
}

/// How many training samples lie in each cell, and how many pairs of samples, not both of validation, share one.
struct CellCounts {
  private(set) var pairs = 0
  private var counts: [UInt64: Int] = [:]

  /// Whether a training sample was there before this one.
  @discardableResult
  mutating func add(_ cell: UInt64) -> Bool {
    let before = counts[cell, default: 0]
    counts[cell] = before + 1
    pairs += before
    return before > 0
  }

  /// Whether a training sample is where this one of validation is.
  @discardableResult
  mutating func meet(_ cell: UInt64) -> Bool {
    let before = counts[cell] ?? 0
    pairs += before
    return before > 0
  }
}

/// Some numbers made one: of 200,000 lists that differ a pair is confused with a probability of 10⁻⁹. Mixed by the
/// finaliser of SplitMix64 — Steele, Lea, Flood 2014.
struct Mixed {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ number: UInt64) {
    value ^= number
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    value ^= value >> 31
  }
}
