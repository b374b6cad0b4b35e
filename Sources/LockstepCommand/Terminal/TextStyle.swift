import Lockstep

/// Emphasis by the terminal's own colours, which follow its light or dark theme; plain text without.
struct TextStyle {
  var isColored: Bool

  init(isColored: Bool) { self.isColored = isColored }

  /// Colours for a terminal that knows them. `NO_COLOR` (https://no-color.org) forbids them; `FORCE_COLOR` and
  /// `CLICOLOR_FORCE` (https://bixense.com/clicolors) have them elsewhere too, as for a pager.
  init(isTerminal: Bool, environment: (String) -> String?) {
    func isSet(_ name: String) -> Bool { !(environment(name) ?? "").isEmpty }
    func isOn(_ name: String) -> Bool { isSet(name) && environment(name) != "0" }
    if isSet("NO_COLOR") {
      isColored = false
    } else if isOn("FORCE_COLOR") || isOn("CLICOLOR_FORCE") {
      isColored = true
    } else {
      isColored = isTerminal && environment("TERM") != "dumb"
    }
  }

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func red(_ text: String) -> String { wrap(text, "1;31") }
  func green(_ text: String) -> String { wrap(text, "1;32") }
  func yellow(_ text: String) -> String { wrap(text, "1;33") }

  private func wrap(_ text: String, _ code: String) -> String {
    isColored && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
