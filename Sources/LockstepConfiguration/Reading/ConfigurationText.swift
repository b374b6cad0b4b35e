import LockstepFormats

/// The text of a configuration file, looked at before it is parsed: what a parser could choke on (bytes that are no
/// text, brackets a thousand deep, aliases that multiply) is refused here, with its place.
package struct ConfigurationText {
  /// A megabyte holds more layers than anyone writes.
  static let maximumBytes = 1 << 20
  /// Open brackets at one place. The longest path of a sensible configuration has about ten steps.
  static let maximumBrackets = 100
  /// Leading blanks and dashes of a line, which bound how deep it can nest without brackets.
  static let maximumIndent = 250
  /// Aliases are refused anyway, but only after parsing, and n of them can make 3^(n/3) values: so few that this
  /// stays small.
  static let maximumAliases = 8
  /// Combining marks in all, and escapes that may stand for them: a parser compares keys, and marks that meet on one
  /// letter take a time that grows with the square of their number; see `CombiningMarks`.
  static let maximumMarks = 10_000
  /// Commas and line breaks: what stands between two of them becomes about a kilobyte of tree.
  static let maximumItems = 90_000

  let text: String

  /// - Parameter file: how errors name the source.
  package init(_ bytes: [UInt8], file: String) throws(ConfigurationErrors) {
    func refuse(_ line: Int?, _ column: Int?, _ found: String, _ expected: String, _ hint: String? = nil)
      -> ConfigurationErrors
    {
      let location = ConfigurationLocation(source: file, line: line, column: column)
      return ConfigurationErrors(
        ConfigurationError(at: location, path: "", found: found, expected: expected, hint: hint))
    }
    if bytes.count > Self.maximumBytes {
      throw refuse(nil, nil, "more than \(Self.maximumBytes) bytes", "a configuration of at most 1 MiB")
    }
    // A checkpoint given in place of a configuration is a likely slip.
    if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      throw refuse(
        1, 1, "a zstd-compressed file", "a configuration in YAML",
        "checkpoints go to `lockstep resume`, `evaluate` or `inspect`")
    }
    var scan = Scan()
    var scalars = String.UnicodeScalarView()
    var decoder = UTF8()
    var iterator =
      bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3).makeIterator() : bytes[...].makeIterator()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .emptyInput: break decoding
      case .error:
        throw refuse(scan.line, scan.column, "bytes that are not UTF-8 text", "a configuration in YAML")
      case .scalarValue(let scalar):
        if let problem = scan.take(scalar) {
          throw refuse(scan.line, scan.column, problem.found, problem.expected, problem.hint)
        }
        scalars.append(scalar)
      }
    }
    text = String(scalars)
  }
}

extension ConfigurationText {
  /// Walks over the text scalar by scalar. It knows nothing of quotes and comments, so its limits are wide.
  private struct Scan {
    var line = 1
    var column = 1
    private var brackets = 0
    private var aliases = 0
    private var marks = 0
    private var items = 0
    private var previous: UnicodeScalar = "\n"
    private var beforePrevious: UnicodeScalar = "\n"
    /// Blanks and dashes so far, while the line has nothing else.
    private var indent: Int? = 0
    /// From a # after a blank to the end of the line, or to a quote: where the # stood in quotes after all, the
    /// quote ends what looked like a comment.
    private var isComment = false

    /// - Returns: what is wrong with `scalar` at the present line and column.
    mutating func take(_ scalar: UnicodeScalar) -> (found: String, expected: String, hint: String?)? {
      if !Scan.isText(scalar) {
        return ("the control character U+\(String(scalar.value, radix: 16, uppercase: true))", "text", nil)
      }
      switch scalar {
      case _ where isComment: break
      case "[", "{":
        brackets += 1
        if brackets > ConfigurationText.maximumBrackets {
          return (
            "more than \(ConfigurationText.maximumBrackets) open brackets", "a configuration that nests less deep", nil
          )
        }
      case "]", "}": brackets = max(0, brackets - 1)
      default: break
      }
      if previous == "*", !isComment, Scan.isWord(scalar), Scan.mayPrecedeAlias(beforePrevious) {
        aliases += 1
        if aliases > ConfigurationText.maximumAliases {
          return ("an alias", "no aliases: write the value out", nil)
        }
      }
      if CombiningMarks.contain(scalar) || isEscaped(scalar) {
        marks += 1
        if marks > ConfigurationText.maximumMarks {
          return (
            "more than \(ConfigurationText.maximumMarks) combining marks and escapes", "text with fewer of them", nil
          )
        }
      }
      if scalar == "," || scalar == "\n" || scalar == "\r" {
        items += 1
        if items > ConfigurationText.maximumItems {
          return (
            "more than \(ConfigurationText.maximumItems) commas and line breaks", "a configuration of fewer values", nil
          )
        }
      }
      if let count = indent {
        if Scan.isIndent(scalar) {
          indent = count + 1
        } else if count > ConfigurationText.maximumIndent, scalar != "#", scalar != "\n", scalar != "\r" {
          return ("\(count) characters of indentation", "at most \(ConfigurationText.maximumIndent)", nil)
        } else {
          indent = nil
        }
      }
      advance(scalar)
      return nil
    }

    /// Whether a character may be written by its number here: `\u0301` in a text, `%CC` in a tag.
    private func isEscaped(_ scalar: UnicodeScalar) -> Bool {
      previous == "%" || previous == "\\" && (scalar == "u" || scalar == "U" || scalar == "x")
    }

    private mutating func advance(_ scalar: UnicodeScalar) {
      if scalar == "#", Scan.isBlank(previous) { isComment = true }
      if scalar == "\"" || scalar == "'" { isComment = false }
      (beforePrevious, previous) = (previous, scalar)
      switch scalar {
      case "\n", "\r":
        // A carriage return and a line feed are one line break.
        if !(scalar == "\n" && beforePrevious == "\r") { line += 1 }
        column = 1
        indent = 0
        isComment = false
      default: column += 1
      }
    }

    /// The characters that YAML allows in a file.
    private static func isText(_ scalar: UnicodeScalar) -> Bool {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF:
        scalar.value != 0xFEFF
      default: false
      }
    }

    private static func isIndent(_ scalar: UnicodeScalar) -> Bool {
      scalar == " " || scalar == "\t" || scalar == "-" || scalar == "?" || scalar == ":"
    }

    private static func isBlank(_ scalar: UnicodeScalar) -> Bool {
      scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }

    private static func isWord(_ scalar: UnicodeScalar) -> Bool {
      scalar == "_" || scalar == "-" || scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
    }

    private static func mayPrecedeAlias(_ scalar: UnicodeScalar) -> Bool {
      switch scalar {
      case " ", "\t", "\n", "\r", "[", "]", "{", "}", ",", ":", "\"", "'": true
      default: scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
      }
    }
  }
}
