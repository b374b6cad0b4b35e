/// What the cells of a table say, as its dialect has it: which words stand for nothing, and how a number is written.
package struct CSVWords: Sendable {
  private let missing: Set<[UInt8]>
  /// No word that stands for nothing is longer.
  private let longest: Int
  /// Numbers among the words for nothing: −999 is also written −999.0.
  private var missingNumbers: [Double] = []
  /// Whether words in quotes may stand for nothing: those that were named, never the usual ones, because "NA" in quotes
  /// is a word.
  private let countsQuoted: Bool
  private let decimal: UInt8
  private let thousands: [UInt8]
  /// Whether numbers have a point and no groups.
  package let isPlain: Bool

  /// Whether some of the words for nothing are numbers.
  private(set) var hasNumbers = false

  init(_ dialect: CSVDialect) {
    missing = Set((dialect.missingWords ?? CSVDialect.usualMissing).map { Array($0.utf8) })
    longest = missing.map(\.count).max() ?? 0
    countsQuoted = dialect.missingWords != nil
    decimal = dialect.decimal.asciiValue ?? 0x2E
    thousands = dialect.thousands.map { Array(String($0).utf8) } ?? []
    isPlain = decimal == 0x2E && thousands.isEmpty
    missingNumbers = missing.compactMap { plainNumber($0).flatMap { CSVNumber.parse($0.span, 0..<$0.count) } }
    hasNumbers = !missingNumbers.isEmpty
  }

  /// Whether the bytes `range`, of which there is at least one, stand for nothing.
  func mean(nothing bytes: [UInt8], _ range: Range<Int>, isQuoted: Bool) -> Bool {
    if isQuoted && !countsQuoted { return false }
    if range.count <= longest, missing.contains(Array(bytes[range])) { return true }
    guard hasNumbers else { return false }
    guard let plain = plainNumber(Array(bytes[range])),
      let value = CSVNumber.parse(plain.span, 0..<plain.count, as: Double.self)
    else { return false }
    return missingNumbers.contains(value)
  }

  /// A number as the dialect writes it → as everybody does, with a point and without groups; nil where `word` is none.
  ///
  /// Groups must be of three digits behind one to three: with a point between thousands 1.5 is no number rather than
  /// 15.
  package func plainNumber(_ word: [UInt8]) -> [UInt8]? {
    if isPlain { return word }
    var plain: [UInt8] = []
    plain.reserveCapacity(word.count)
    // Digits since the last separator of thousands, and whether there was one.
    var (run, isGrouped, isWhole) = (0, false, true)
    var i = 0
    while i < word.count {
      let byte = word[i]
      if isWhole, !thousands.isEmpty, word[i...].starts(with: thousands) {
        guard isGrouped ? run == 3 : (1...3).contains(run) else { return nil }
        (run, isGrouped) = (0, true)
        i += thousands.count
        continue
      }
      if (0x30...0x39).contains(byte) {
        run += 1
      } else {
        if isWhole, isGrouped, run != 3 { return nil }
        if byte == decimal, isWhole {
          isWhole = false
          plain.append(0x2E)
          i += 1
          continue
        }
        // A point that is not the dialect's.
        if byte == 0x2E { return nil }
        if byte | 0x20 == 0x65 { isWhole = false }
      }
      plain.append(byte)
      i += 1
    }
    if isWhole, isGrouped, run != 3 { return nil }
    return plain
  }
}
