/// Numbers that are written another way than a table is read: `1,5`, `1 234`, `$5`, `5 %`; and the errors of
/// spreadsheets, which stand for numbers.
package enum ForeignNumber {
  /// Whether `word`, which is no number here, would be one in another notation. Dates (`1.5.2020`), versions and
  /// addresses are not.
  package static func isOne(_ word: [UInt8]) -> Bool {
    if word.first == 0x23 { return isSpreadsheetError(word) }
    var scalars = Array(String(decoding: word, as: UTF8.self).unicodeScalars)[...]
    func isSign(_ scalar: Unicode.Scalar) -> Bool {
      "+-−%‰()".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace
        || scalar.properties.generalCategory == .currencySymbol
    }
    while let first = scalars.first, isSign(first) { scalars = scalars.dropFirst() }
    while let last = scalars.last, isSign(last) { scalars = scalars.dropLast() }
    guard let first = scalars.first, let last = scalars.last, isDigit(first) || ",.".unicodeScalars.contains(first),
      isDigit(last)
    else { return false }
    // Runs of digits, and what stands between them.
    let runs = scalars.split(omittingEmptySubsequences: false) { !isDigit($0) }.map(\.count)
    let separators = scalars.filter { !isDigit($0) }
    guard separators.allSatisfy({ ",.'’_ \u{A0}\u{202F}".unicodeScalars.contains($0) }) else { return false }
    func areGroups(_ runs: some Collection<Int>) -> Bool {
      guard let leading = runs.first else { return false }
      return (1...3).contains(leading) && first != "0" && runs.dropFirst().allSatisfy { $0 == 3 }
    }
    switch Set(separators).count {
    // A plain number between signs.
    case 0: return true
    case 1:
      let isDecimal = separators.count == 1 && ",.".unicodeScalars.contains(separators[0])
      return isDecimal || areGroups(runs)
    case 2:
      let isDecimal =
        separators.dropLast().allSatisfy { $0 != separators.last }
        && ",.".unicodeScalars.contains(separators[separators.count - 1])
      return isDecimal && areGroups(runs.dropLast())
    default: return false
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  /// `#DIV/0!`, `#REF!`, `#NAME?` and their like.
  private static func isSpreadsheetError(_ word: [UInt8]) -> Bool {
    guard word.count > 2, let last = word.last, last == 0x21 || last == 0x3F else { return false }
    return word.dropFirst().dropLast().allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x2F || $0 == 0x30 }
  }

  /// What to do about a cell that is no number.
  package static func remedy(_ text: String) -> String {
    let rest = "list the column under categorical, the word under missing_values, or the column under ignore"
    let signs = text.unicodeScalars.filter { !("0"..."9").contains($0) && $0 != "-" && $0 != "+" }
    let (commas, points) = (signs.count { $0 == "," }, signs.count { $0 == "." })
    if signs.count == commas + points, commas > 0 {
      let fraction = text.split(separator: ",", omittingEmptySubsequences: false).last?.count ?? 0
      switch (commas, points) {
      case (1, 0) where fraction != 3: return "decimal: \",\" reads a decimal comma; else \(rest)"
      case (1, 0):
        return "decimal: \",\" reads a decimal comma, thousands: \",\" groups of three digits; else \(rest)"
      case (1, _) where signs.last == ",": return "decimal: \",\" and thousands: \".\" read it; else \(rest)"
      default: return "thousands: \",\" reads groups of three digits; else \(rest)"
      }
    }
    if text.hasPrefix("#") {
      return "a spreadsheet's error: correct the table, or missing_values: [\"\(Display.plain(text))\"]; else \(rest)"
    }
    if text.unicodeScalars.contains(where: { $0 == "%" || $0.properties.generalCategory == .currencySymbol }) {
      return "take the signs out of the column; else \(rest)"
    }
    return "\(rest); decimal and thousands say how numbers are written"
  }
}
