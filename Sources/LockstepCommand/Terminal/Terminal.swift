import Libc
import Lockstep

/// Standard output for results, standard error for progress and problems.
enum Terminal {
  static let outputDescriptor: Int32 = 1
  static let errorDescriptor: Int32 = 2

  /// Whether progress can be drawn over itself.
  static let isLive = isatty(errorDescriptor) == 1 && environment("TERM") != "dumb"

  /// Whether a person can be asked.
  static let canAsk = isatty(0) == 1 && isatty(errorDescriptor) == 1

  /// Whether a person says yes.
  static func ask(_ question: String) -> Bool {
    progress("\(question) [y/N] ")
    return ["y", "yes"].contains((readLine() ?? "").lowercased())
  }

  /// Columns of the terminal that progress goes to.
  static var columns: Int { columns(of: errorDescriptor) ?? 80 }

  /// Columns that a result may take: those of its terminal, else what `COLUMNS` says.
  static var outputColumns: Int {
    columns(of: outputDescriptor) ?? environment("COLUMNS").flatMap { Int($0) }.map { max(20, $0) } ?? 80
  }

  /// Colours for a terminal that knows them, unless `NO_COLOR` (https://no-color.org) is set.
  static var outputStyle: TextStyle {
    let isPlain =
      isatty(outputDescriptor) != 1 || environment("TERM") == "dumb" || !(environment("NO_COLOR") ?? "").isEmpty
    return TextStyle(isColored: !isPlain)
  }

  /// nil where `descriptor` is no terminal.
  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    let known = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : nil
  }

  /// A reader that goes away (`lockstep … | head`) must not end a run before it has saved.
  static func prepareOutput() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes a result.
  ///
  /// - Throws: `RunError.failed` where it cannot be written, the disk being full perhaps; a reader that has gone away
  ///   is no failure.
  static func output(_ text: String) throws(RunError) {
    let code = send(text + "\n", to: outputDescriptor)
    if code == 0 || code == EPIPE { return }
    throw .failed("\(FileError("write", "standard output", code: code))")
  }

  /// A name from a file as it may be shown: short, and without what a terminal obeys.
  static func printable(_ name: String) -> String {
    let plain = name.unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : String($0) }.joined()
    return plain.count > 30 ? plain.prefix(29) + "…" : plain
  }

  /// The words in lines of at most `columns`, each after `indent` blanks.
  static func wrapped(_ text: String, indent: Int = 0, columns: Int) -> [String] {
    let blanks = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > columns {
        lines.append(blanks + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [blanks + line]
  }

  static func error(_ text: String) { _ = send(text + "\n", to: errorDescriptor) }

  /// Without a line end.
  static func progress(_ text: String) { _ = send(text, to: errorDescriptor) }

  /// - Returns: the system's `errno`, or 0.
  private static func send(_ text: String, to descriptor: Int32) -> Int32 {
    let bytes = Array(text.utf8)
    var done = 0
    return unsafe bytes.withUnsafeBytes { buffer in
      while done < buffer.count {
        let count = unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return errno }
        done += count
      }
      return 0
    }
  }

  private static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}

extension String {
  /// Without the line end that the terminal adds.
  var trimmingLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}

/// Emphasis by the terminal's own colours, which follow its light or dark theme; plain text without.
struct TextStyle {
  var isColored: Bool

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func red(_ text: String) -> String { wrap(text, "1;31") }
  func green(_ text: String) -> String { wrap(text, "1;32") }

  private func wrap(_ text: String, _ code: String) -> String { isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
