import TestSupport
import Testing

@testable import LockstepFormats

/// What a message says of a name that, on a screen, stands right there in the list.
@Suite struct LookAlikeTests {
  private func codePoints(_ name: String) -> [String] {
    name.unicodeScalars.map { scalar in
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
  }

  @Test func codePointsOfTwinsAreNamed() throws {
    for (a, b) in lookAlikes {
      for (found, listed) in [(a, b), (b, a)] {
        let hint = try #require(LookAlike.hint(for: found, among: ["other", listed]), "\(codePoints(found))")
        #expect(hint.contains("code points differ"))
        // The first that differ, of either.
        let start = zip(codePoints(found), codePoints(listed)).prefix { $0 == $1 }.count
        #expect(hint.contains(codePoints(found)[start]) && hint.contains(codePoints(listed)[start]), "\(hint)")
      }
    }
  }

  /// Letters of other alphabets, blanks of other widths or none, dashes and quotes.
  @Test(arguments: [
    ("А", "A"), ("Ρrice", "Price"), ("price\u{A0}m", "price m"), ("price\u{200B}", "price"), ("a\u{2009}b", "a b"),
    ("\u{FEFF}id", "id"), ("id ", "id"), ("a–b", "a-b"), ("don’t", "don't"), ("µg", "μg"), ("ﬀ\u{AD}", "ﬀ"),
    ("с1", "c1"),
  ])
  func whatOnlyLooksTheSame(found: String, listed: String) {
    for (a, b) in [(found, listed), (listed, found)] {
      #expect(LookAlike.hint(for: a, among: ["x", b])?.contains("code points differ") == true, "\(codePoints(a))")
    }
  }

  @Test func otherNamesDoNot() {
    for name in ["price", "Price", "prices", "prce", "a", "", "1", "l", "O"] {
      #expect(LookAlike.hint(for: name, among: ["PRICE", "pric", "b", "I", "0", "K", "Ω"]) == nil, "\(name)")
    }
    // The name itself is no twin.
    #expect(LookAlike.hint(for: "Ω", among: ["Ω"]) == nil)
    // Thousands of marks on one letter are not compared.
    let marks = "a" + String(repeating: "\u{301}", count: 1000)
    #expect(LookAlike.hint(for: marks, among: [marks + "\u{302}"]) == nil)
  }
}
