#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Standard output for results, standard error for progress and problems.
enum Terminal {
  static let outputDescriptor: Int32 = 1
  static let errorDescriptor: Int32 = 2

  /// Whether progress can be drawn over itself.
  static let isLive = isatty(errorDescriptor) == 1 && environment("TERM") != "dumb"

  /// Columns of the terminal.
  static var columns: Int {
    var size = winsize()
    let known = unsafe ioctl(errorDescriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return known ? Int(size.ws_col) : 80
  }

  /// A reader that goes away (`lockstep … | head`) must not end a run before it has saved.
  static func prepareOutput() {
    signal(SIGPIPE, SIG_IGN)
  }

  static func output(_ text: String) { write(text + "\n", to: outputDescriptor) }

  static func error(_ text: String) { write(text + "\n", to: errorDescriptor) }

  /// Without a line end.
  static func progress(_ text: String) { write(text, to: errorDescriptor) }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var done = 0
    unsafe bytes.withUnsafeBytes { buffer in
      while done < buffer.count {
        let count = unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
        if count < 0 && errno == EINTR { continue }
        // Nobody is left to read it.
        if count <= 0 { return }
        done += count
      }
    }
  }

  private static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
