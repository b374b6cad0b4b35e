import LockstepData
import LockstepDeclarations
import LockstepFormats

// Tables of text.

extension Decode {
  static func csv(_ fields: inout Fields, _ folder: String) -> CSVSource? {
    var source = CSVSource(path: path("path", &fields, folder), targets: [])
    source.targets = fields.optional("target").flatMap(columns) ?? []
    source.hasHeader = fields.flag("header", default: source.hasHeader)
    source.dialect = dialect(&fields)
    source.categorical = fields.optional("categorical").flatMap(columns) ?? []
    source.ignored = fields.optional("ignore").flatMap(columns) ?? []
    source.weight = fields.optional("weight").flatMap(column)
    return source
  }

  /// A column by its name or number, or a list of them.
  private static func columns(_ field: Field) -> [ColumnReference]? {
    if case .list = field.node.content {
      return field.list("a list of columns")?.compactMap(column)
    }
    return column(field).map { [$0] }
  }

  static func column(_ field: Field) -> ColumnReference? {
    let rule = IntegerRule(-(1 << 24)...1 << 24)
    guard case .scalar(let text, let quoted) = field.node.content else {
      field.report(expected: "the name of a column, or its number from 0")
      return nil
    }
    if !quoted, Numbers.isNumber(text) { return field.integer(rule).map { .index($0) } }
    return .name(text)
  }

  private static func dialect(_ fields: inout Fields) -> CSVDialect {
    var dialect = CSVDialect()
    let delimiter = fields.optional("delimiter")
    dialect.delimiter = delimiter.flatMap(self.delimiter) ?? dialect.delimiter
    let quote = fields.optional("quote")
    dialect.quote = quote.flatMap { character($0, "one character of ASCII, such as \"'\"") } ?? dialect.quote
    let decimal = fields.optional("decimal")
    dialect.decimal =
      decimal.flatMap { character($0, "one character of ASCII, such as \",\"", isNumeric: true) } ?? dialect.decimal
    let thousands = fields.optional("thousands")
    dialect.thousands = thousands.flatMap(self.thousands)
    dialect.missingWords = fields.optional("missing_values").flatMap(words)
    let comment = fields.optional("comment")
    dialect.comment = comment.flatMap { character($0, "one character of ASCII, such as \"#\"") }
    dialect.skippedLines = fields.integer("skip_rows", IntegerRule(0...1 << 24), default: dialect.skippedLines)
    // What would be read as something else.
    func differ(_ field: Field?, _ a: Character?, _ b: Character?, _ other: String) {
      guard let field, a != nil, a == b else { return }
      field.report(expected: "another character than \(other)")
    }
    differ(quote ?? delimiter, dialect.quote, dialect.delimiter, "the delimiter's and the quote's")
    differ(comment, dialect.comment, dialect.delimiter, "the delimiter")
    differ(comment, dialect.comment, dialect.quote, "the quote")
    differ(thousands ?? decimal, dialect.thousands, dialect.decimal, "the decimal and thousands'")
    return dialect
  }

  /// Words that stand for nothing; numbers among them as they are written.
  private static func words(_ field: Field) -> [String]? {
    let expected = "a list of words, such as [\"-\", unknown, -999]"
    return field.list(expected)?.compactMap { field in
      guard case .scalar(let text, _) = field.node.content, text.utf8.count <= 1000 else {
        field.report(expected: "a word of at most 1000 bytes")
        return nil
      }
      return text
    }
  }

  private static func delimiter(_ field: Field) -> Character? {
    let words: [String: Character] = ["tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "]
    if case .scalar(let text, _) = field.node.content, let named = words[text] { return named }
    return character(field, "one character of ASCII, such as \",\" or \";\", or tab", allowsTab: true, forbids: "\"")
  }

  private static func thousands(_ field: Field) -> Character? {
    guard case .scalar(let text, _) = field.node.content, text.count == 1, let character = text.first,
      !character.isLetter, !character.isNumber, !"+-\n\r\"".contains(character)
    else {
      field.report(expected: "one character, such as \".\" or a blank, and no letter or digit")
      return nil
    }
    return character
  }

  /// One character of ASCII that is no letter, digit or line end.
  ///
  /// - Parameter isNumeric: whether it stands in numbers, where a sign means something.
  private static func character(
    _ field: Field, _ expected: String, isNumeric: Bool = false, allowsTab: Bool = false, forbids: String = ""
  ) -> Character? {
    let expected = "\(expected), and no letter, digit\(isNumeric ? ", sign" : "") or line end"
    guard case .scalar(let text, _) = field.node.content, text.utf8.count == 1, let byte = text.utf8.first,
      byte == 0x09 && allowsTab || byte > 0x1F && byte < 0x7F
    else {
      field.report(expected: expected)
      return nil
    }
    let character = Character(Unicode.Scalar(byte))
    guard !character.isLetter, !character.isNumber, !forbids.contains(character),
      !isNumeric || !"+- \"".contains(character)
    else {
      field.report(expected: expected)
      return nil
    }
    return character
  }
}
