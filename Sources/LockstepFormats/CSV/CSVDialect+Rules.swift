/// The characters that one setting of a dialect allows.
package struct CharacterRule: Sendable {
  package let text: String
  package let holds: @Sendable (Character) -> Bool

  /// One character of ASCII that is no letter, digit or line end.
  ///
  /// - Parameter isNumeric: whether it stands in numbers, where a sign means something.
  fileprivate static func ascii(
    _ example: String, isNumeric: Bool = false, allowsTab: Bool = false, forbids: String = ""
  ) -> CharacterRule {
    CharacterRule(text: "\(example), and no letter, digit\(isNumeric ? ", sign" : "") or line end") { character in
      guard let byte = character.asciiValue, byte == 0x09 && allowsTab || byte > 0x1F && byte < 0x7F else {
        return false
      }
      return !character.isLetter && !character.isNumber && !forbids.contains(character)
        && (!isNumeric || !"+- \"".contains(character))
    }
  }
}

extension CSVDialect {
  package static let delimiterRule = CharacterRule.ascii(
    "one character of ASCII, such as \",\" or \";\", or tab", allowsTab: true, forbids: "\"")
  package static let quoteRule = CharacterRule.ascii("one character of ASCII, such as \"'\"")
  package static let decimalRule = CharacterRule.ascii("one character of ASCII, such as \",\"", isNumeric: true)
  package static let commentRule = CharacterRule.ascii("one character of ASCII, such as \"#\"")
  package static let thousandsRule = CharacterRule(
    text: "one character, such as \".\" or a blank, and no letter or digit"
  ) { !$0.isLetter && !$0.isNumber && !"+-\n\r\"".contains($0) }

  /// The characters that two settings share, so that one would be read as the other: the keys to name, the one to
  /// change first, and what is expected of it.
  package var conflicts: [(keys: [String], expected: String)] {
    func conflict(_ a: Character?, _ b: Character?, _ keys: [String], _ other: String) -> [(
      keys: [String], expected: String
    )] {
      a != nil && a == b ? [(keys, "another character than \(other)")] : []
    }
    return conflict(quote, delimiter, ["quote", "delimiter"], "the delimiter's and the quote's")
      + conflict(comment, delimiter, ["comment"], "the delimiter")
      + conflict(comment, quote, ["comment"], "the quote")
      + conflict(thousands, decimal, ["thousands", "decimal"], "the decimal and thousands'")
  }

  /// What is wrong with a dialect made in code.
  package var problems: [(key: String, found: String, expected: String)] {
    let characters: [(key: String, character: Character?, rule: CharacterRule)] = [
      ("delimiter", delimiter, Self.delimiterRule), ("quote", quote, Self.quoteRule),
      ("decimal", decimal, Self.decimalRule), ("thousands", thousands, Self.thousandsRule),
      ("comment", comment, Self.commentRule),
    ]
    let wrong = characters.compactMap { key, character, rule in
      character.flatMap { rule.holds($0) ? nil : (key, Display.quoted(String($0)), rule.text) }
    }
    return wrong + conflicts.map { ($0.keys[0], "the character of another key", $0.expected) }
  }
}
