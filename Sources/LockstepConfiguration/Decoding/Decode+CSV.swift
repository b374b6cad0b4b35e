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
    var given: [String: Field] = [:]
    func character(_ key: String, _ rule: CharacterRule, words: [String: Character] = [:]) -> Character? {
      given[key] = fields.optional(key)
      return given[key].flatMap { Decode.character($0, rule, words) }
    }
    let named: [String: Character] = ["tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "]
    dialect.delimiter = character("delimiter", CSVDialect.delimiterRule, words: named) ?? dialect.delimiter
    dialect.quote = character("quote", CSVDialect.quoteRule) ?? dialect.quote
    dialect.decimal = character("decimal", CSVDialect.decimalRule) ?? dialect.decimal
    dialect.thousands = character("thousands", CSVDialect.thousandsRule)
    dialect.missingWords = fields.optional("missing_values").flatMap(words)
    dialect.comment = character("comment", CSVDialect.commentRule)
    dialect.skippedLines = fields.integer("skip_rows", IntegerRule(0...1 << 24), default: dialect.skippedLines)
    for conflict in dialect.conflicts {
      conflict.keys.lazy.compactMap { given[$0] }.first?.report(expected: conflict.expected)
    }
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

  /// - Parameter words: what some are called.
  private static func character(
    _ field: Field, _ rule: CharacterRule, _ words: [String: Character]
  ) -> Character? {
    if case .scalar(let text, _) = field.node.content {
      if let named = words[text] { return named }
      if text.count == 1, let character = text.first, rule.holds(character) { return character }
    }
    field.report(expected: rule.text)
    return nil
  }
}
