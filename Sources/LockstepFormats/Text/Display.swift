/// Text from a file as it may be shown on a terminal: short, and without control characters.
package enum Display {
  package static func plain(_ text: String) -> String { shortened(text) }

  /// The words of the command line, however long.
  package static func singleLine(_ text: String) -> String { escaped(text.unicodeScalars.prefix(200)) }

  /// All of `text`, its line ends too.
  package static func whole(_ text: String) -> String {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(escaped).joined(separator: "\n")
  }

  package static func quoted(_ text: String) -> String { "\"\(shortened(text))\"" }

  private static func shortened(_ text: String) -> String {
    let shown = escaped(text.unicodeScalars.prefix(40))
    return text.unicodeScalars.count > 40 ? shown + "…" : shown
  }

  private static func escaped(_ scalars: Substring.UnicodeScalarView) -> String {
    var shown = ""
    for scalar in scalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        shown += scalar.escaped(asASCII: true)
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}
