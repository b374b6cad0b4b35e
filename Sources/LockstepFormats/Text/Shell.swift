/// Commands as they are typed into a POSIX shell.
package enum Shell {
  /// The words as one line that a shell takes apart into the same words.
  package static func command(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

  /// A path as a word that no command takes for an option.
  package static func path(_ path: String) -> String { path.hasPrefix("-") ? "./\(path)" : path }

  /// A word in quotes where the shell would otherwise read something else.
  static func quoted(_ word: String) -> String {
    if !word.isEmpty, word.unicodeScalars.allSatisfy(isPlain) { return word }
    if word.unicodeScalars.contains(where: isHidden) { return "$'\(escaped(word))'" }
    // Within single quotes nothing is special but their end.
    return "'\(word.replacing("'", with: "'\\''"))'"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", ",", "/", ":", "=", "+", "@", "%": true
    default: false
    }
  }

  /// What a terminal would obey, or show as nothing.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }

  /// Inside `$'…'`, which bash, zsh and POSIX 2024 know.
  private static func escaped(_ word: String) -> String {
    word.unicodeScalars.map { scalar in
      if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
      guard isHidden(scalar) else { return "\(scalar)" }
      // Three octal digits are the whole of an escape, whatever follows.
      return "\(scalar)".utf8.map { byte in
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }.joined()
    }.joined()
  }
}
