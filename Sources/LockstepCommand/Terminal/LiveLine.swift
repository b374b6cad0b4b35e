import Lockstep

/// A line of a terminal that is drawn over itself.
struct LiveLine {
  /// Columns of what stands there; nil for nothing.
  private var drawn: Int?

  init() {}

  /// What puts `text`, without its end where it is too long, in the place of what stands there.
  ///
  /// - Parameter columns: of the terminal, which may have got others since.
  mutating func draw(_ text: String, columns: Int) -> String {
    // The last column stays free: a full line would have some terminals go to the next.
    var (line, width) = ("", 0)
    for character in text {
      width += Format.width(String(character))
      guard width < columns else { break }
      line.append(character)
    }
    let drawing = clear(columns: columns) + line
    drawn = Format.width(line)
    return drawing
  }

  /// What takes it away. A terminal that has become narrower has wrapped it to several lines, the last of which the
  /// cursor is in.
  mutating func clear(columns: Int) -> String {
    guard let drawn else { return "" }
    self.drawn = nil
    let above = (max(1, drawn) - 1) / max(1, columns)
    return above > 0 ? "\r\u{1B}[\(above)A\u{1B}[J" : "\r\u{1B}[K"
  }
}

/// What a command that takes a while is at, on standard error.
final class StatusLine {
  private let isQuiet: Bool
  private var line = LiveLine()

  init(quiet: Bool) { isQuiet = quiet }

  /// - Parameter isBrief: whether it is of use only as long as it is true, and so shown on a terminal alone.
  func show(_ text: String, isBrief: Bool = false) {
    if isQuiet { return }
    if Terminal.isLive {
      Terminal.progress(line.draw(text, columns: Terminal.errorColumns ?? 80))
    } else if !isBrief {
      Terminal.error(text)
    }
  }

  /// Takes it away.
  func clear() { Terminal.progress(line.clear(columns: Terminal.errorColumns ?? 80)) }
}
