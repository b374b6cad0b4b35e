/// Explains why a name is not found although the list shows one that looks the same: `Ω` is two characters of Unicode,
/// Å three, and a blank may have no width.
enum LookAlike {
  /// - Returns: what to say where one of `names` looks like `name` and has other bytes; nil where none does.
  static func hint(for name: String, among names: [String]) -> String? {
    guard name.utf8.count <= 1024, CombiningMarks.areFew(in: name) else { return nil }
    let shape = shape(of: name)
    let candidates = names.lazy.prefix(10_000).filter { $0.utf8.count <= 1024 && CombiningMarks.areFew(in: $0) }
    guard let twin = candidates.first(where: { !$0.utf8.elementsEqual(name.utf8) && Self.shape(of: $0) == shape })
    else { return nil }
    return "it looks like \(Display.quoted(twin)), but their code points differ: \(difference(name, twin))"
  }

  /// What is left of a name once what cannot be seen is gone, and letters of other scripts and symbols have become
  /// those that they look like; compared canonically.
  private static func shape(of name: String) -> String {
    var shape = String.UnicodeScalarView()
    for scalar in name.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
      if scalar.properties.isWhitespace {
        shape.append(" ")
      } else {
        shape.append(twins[scalar] ?? scalar)
      }
    }
    // Blanks at the ends are not seen either.
    let trimmed = shape.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
    return String(String.UnicodeScalarView(trimmed))
  }

  /// Letters of Greek and Cyrillic, and signs, that most fonts draw as a letter of another alphabet.
  private static let twins: [Unicode.Scalar: Unicode.Scalar] = {
    let pairs: [(String, String)] = [
      ("АВЕЅІЈКМНОРСТХУасеіјорѕхуһԛԝ", "ABESIJKMHOPCTXYaceijopsxyhqw"),
      ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονϳ", "ABEZHIKMNOPTYXovj"),
      ("µ∆∑∏−–—‑’‘ʼ´“”„", "μΔΣΠ----''''\"\"\""),
    ]
    var twins: [Unicode.Scalar: Unicode.Scalar] = [:]
    for (letters, likes) in pairs {
      for (letter, like) in zip(letters.unicodeScalars, likes.unicodeScalars) { twins[letter] = like }
    }
    return twins
  }()

  /// The first scalars in which two names differ.
  private static func difference(_ found: String, _ listed: String) -> String {
    let (a, b) = (Array(found.unicodeScalars), Array(listed.unicodeScalars))
    let start = zip(a, b).prefix { $0 == $1 }.count
    func rest(_ scalars: [Unicode.Scalar]) -> String {
      let end = min(scalars.count, start + 2)
      guard start < end else { return "nothing" }
      return scalars[start..<end].map { "U+\(hexadecimal($0))" }.joined(separator: " ")
    }
    return "\(rest(a)) against \(rest(b))"
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
