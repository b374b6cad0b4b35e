extension Format {
  /// Columns that a terminal gives `text`: two for a wide character of East Asia and for an emoji, one for any other.
  package static func width(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    character.unicodeScalars.contains { isWide($0) } ? 2 : 1
  }

  /// East Asian Width W and F (Unicode Standard Annex 11), by whole blocks.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x1100: false
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF: true
    case 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1B000...0x1B2FF, 0x20000...0x3FFFD: true
    default: scalar.properties.isEmojiPresentation
    }
  }

  /// `text` in at most `width` columns, `…` in its middle where something is left out: what tells two paths apart
  /// stands at their ends.
  package static func shortened(_ text: String, _ width: Int) -> String {
    guard Format.width(text) > width else { return text }
    let room = max(0, width - 1)
    var (start, end) = ("", "")
    for character in text {
      guard Format.width(start) + Format.width(character) <= room - room / 2 else { break }
      start.append(character)
    }
    for character in text.reversed() {
      guard Format.width(end) + Format.width(character) <= room / 2 else { break }
      end.append(character)
    }
    return width > 0 ? start + "…" + String(end.reversed()) : ""
  }
}
