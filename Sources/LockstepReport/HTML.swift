/// A piece of a page: text that is already marked up, well-formed as XML. Plain text becomes one only by `HTML.text`,
/// which escapes it.
package struct HTML: Sendable, Equatable {
  package var markup: String

  /// Text as the reader is to see it: what means something in XML is escaped, control characters become U+FFFD.
  package static func text(_ text: String) -> HTML {
    var markup = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      case "\t", "\n": markup.unicodeScalars.append(scalar)
      // XML has no place for other control characters.
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): markup += "\u{FFFD}"
      default: markup.unicodeScalars.append(scalar)
      }
    }
    return HTML(markup: markup)
  }

  /// `<name attribute="value">content</name>`.
  package static func element(_ name: String, _ attributes: [(String, String)] = [], _ content: [HTML] = []) -> HTML {
    let words = attributes.map { " \($0.0)=\"\(HTML.text($0.1).markup)\"" }.joined()
    // Elements that HTML never closes, and those that may be empty in XML but not in HTML.
    if content.isEmpty, HTML.void.contains(name) { return HTML(markup: "<\(name)\(words)/>") }
    return HTML(markup: "<\(name)\(words)>\(content.map(\.markup).joined())</\(name)>")
  }

  /// An element around text. But for what is to be copied, no line ends within a number such as 12 345, or between one
  /// and its % or ×.
  package static func element(_ name: String, _ attributes: [(String, String)] = [], text: String) -> HTML {
    let isExact = name == "pre" || name == "code"
    return element(
      name, attributes, [.text(isExact ? text : text.replacing(/(\d) (?=\d{3}|%|×(?! \d))/) { "\($0.1)\u{A0}" })])
  }

  private static let void: Set<String> = ["meta", "br", "hr", "img", "line", "rect", "circle", "path", "input"]
}

/// Numbers in SVG's coordinates: two decimals, never an exponent.
func coordinate(_ value: Double) -> String {
  let rounded = (value * 100).rounded() / 100
  return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
}
