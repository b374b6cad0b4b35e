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

  /// Columns of the terminal that progress goes to; nil where it is none.
  static var errorColumns: Int? { columns(of: errorDescriptor) }

  /// Columns of the terminal that results go to; nil where it is none, and tables are as wide as they are.
  static var tableColumns: Int? { columns(of: outputDescriptor) }

  /// Columns that a drawing or a text may take: those of its terminal, else what `COLUMNS` says.
  static var outputColumns: Int {
    tableColumns ?? environment("COLUMNS").flatMap { Int($0) }.map { max(20, $0) } ?? 80
  }

  static var outputStyle: TextStyle {
    TextStyle(isTerminal: isatty(outputDescriptor) == 1, environment: environment)
  }
  static let errorStyle = TextStyle(isTerminal: isatty(errorDescriptor) == 1, environment: environment)

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
    guard Format.width(plain) > 30 else { return plain }
    var (shown, width) = ("", 0)
    for character in plain {
      width += Format.width(String(character))
      guard width < 30 else { break }
      shown.append(character)
    }
    return shown + "…"
  }

  /// The words in lines of at most `columns`, each after `indent` blanks.
  static func wrapped(_ text: String, indent: Int = 0, columns: Int) -> [String] {
    let blanks = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + Format.width(line) + 1 + Format.width(word) > columns {
        lines.append(blanks + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [blanks + line]
  }

  static func error(_ text: String) { _ = send(text + "\n", to: errorDescriptor) }

  /// What ends the command.
  static func failure(_ text: String) { error(errorStyle.red(text)) }

  static func warning(_ text: String) { error(warningText(text, columns: errorColumns, errorStyle)) }

  /// - Parameter columns: of the terminal; nil for none.
  static func warningText(_ text: String, columns: Int?, _ style: TextStyle) -> String {
    let label = "warning:"
    let lines = columns.map { wrapped("\(label) \(text)", columns: $0) } ?? ["\(label) \(text)"]
    let all = lines.joined(separator: "\n")
    return style.yellow(label) + all.dropFirst(label.count)
  }

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

  /// All variables of the process's environment.
  static var environment: [String: String] {
    var variables: [String: String] = [:]
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let end = text.firstIndex(of: "=") {
        variables[String(text[..<end])] = String(text[text.index(after: end)...])
      }
      unsafe next += 1
    }
    return variables
  }

  /// A variable of the process's environment; nil where it is not set.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}

extension String {
  /// Without the line end that the terminal adds.
  var trimmingLineEnd: String { hasSuffix("\n") ? String(dropLast()) : self }
}
