extension JSONValue {
  /// Most levels of arrays and objects inside one another.
  private static let deepest = 64
  /// The longest document that is read, in bytes: a value takes up to thirty times the memory of its text.
  package static let longestText = 1 << 20

  /// Reads one JSON document of at most 1 MiB. A name that appears twice in an object is an error.
  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    if bytes.count > Self.longestText {
      throw scanner.error("found \(bytes.count) bytes, expected at most \(Self.longestText)")
    }
    self = try Self.value(&scanner, depth: 0)
    try scanner.expectEnd()
  }

  /// The value as JSON on one line, without spaces. Equal values give equal text.
  public var text: String {
    var text = ""
    write(to: &text, indentation: nil)
    return text
  }

  /// The value as JSON with each member and element on a line of its own, indented by two spaces a level; a list of
  /// numbers is one line.
  public var prettyText: String {
    var text = ""
    write(to: &text, indentation: 0)
    return text
  }

  /// `text` as a JSON string, quotes included, for messages that must not pass on control characters.
  ///
  /// - Parameter limit: Unicode scalars after which it is cut, since one Character can be as long as a file.
  package static func quoted(_ text: String, limit: Int = 200) -> String {
    let shown = text.unicodeScalars.prefix(limit)
    var quoted = ""
    appendString(shown.endIndex == text.endIndex ? text : String(shown) + "…", to: &quoted)
    return quoted
  }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSONValue {
    guard depth < deepest else { throw scanner.error("more than \(deepest) levels of nesting") }
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      var object = JSONObject()
      var names = Set<ByteText>()
      var isFirst = true
      while let name = try scanner.nextMember(&isFirst) {
        guard names.insert(ByteText(name)).inserted else { throw scanner.error("\(quoted(name)) appears twice") }
        object.append(name, try value(&scanner, depth: depth + 1))
      }
      return .object(object)
    case UInt8(ascii: "["):
      var array: [JSONValue] = []
      var isFirst = true
      while try scanner.nextElement(&isFirst) { array.append(try value(&scanner, depth: depth + 1)) }
      return .array(array)
    case UInt8(ascii: "\""):
      return .string(try scanner.string())
    default:
      if scanner.take(word: "true") { return .bool(true) }
      if scanner.take(word: "false") { return .bool(false) }
      if scanner.take(word: "null") { return .null }
      return try scanner.number()
    }
  }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.appendString(value, to: &text)
    case .array(let elements):
      let isLine = indentation != nil && elements.allSatisfy(\.isFigure)
      Self.writeList(
        "[", "]", elements, separator: isLine ? ", " : ",", to: &text, isLine ? nil : indentation
      ) { element, text, indentation in
        element.write(to: &text, indentation: indentation)
      }
    case .object(let object):
      Self.writeList("{", "}", object.members, to: &text, indentation) { member, text, indentation in
        Self.appendString(member.name, to: &text)
        text += indentation == nil ? ":" : ": "
        member.value.write(to: &text, indentation: indentation)
      }
    }
  }

  private static func writeList<Item>(
    _ opening: String, _ closing: String, _ items: [Item], separator: String = ",", to text: inout String,
    _ indentation: Int?, _ write: (Item, inout String, Int?) -> Void
  ) {
    text += opening
    for (index, item) in items.enumerated() {
      if index > 0 { text += separator }
      if let indentation { text += "\n" + String(repeating: " ", count: indentation + 2) }
      write(item, &text, indentation.map { $0 + 2 })
    }
    if let indentation, !items.isEmpty { text += "\n" + String(repeating: " ", count: indentation) }
    text += closing
  }

  /// Whether it is a number, or stands for one that is not finite.
  private var isFigure: Bool {
    switch self {
    case .integer, .number, .null: true
    case .bool, .string, .array, .object: false
    }
  }

  static func appendString(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        // Control characters, and the two line separators that some readers take for the end of a line.
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{2028}" || scalar == "\u{2029}" {
          let digits = String(scalar.value, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
