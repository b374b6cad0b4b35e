import LockstepData
import LockstepDeclarations
import LockstepFormats

// Tables of text.

extension Decode {
  static func csv(_ fields: inout Fields, _ folder: String) -> CSVSource? {
    var source = CSVSource(path: path("path", "the file", &fields, folder), targets: [])
    source.targets = fields.optional("target", "the column that is learned, or several").flatMap(columns) ?? []
    source.hasHeader = fields.flag(
      "header", "whether the first line names the columns", default: source.hasHeader)
    source.dialect = dialect(&fields)
    source.categorical =
      fields.optional("categorical", "columns whose numbers are names of categories").flatMap(columns) ?? []
    source.ignored = fields.optional("ignore", "columns that are left out").flatMap(columns) ?? []
    source.weight = fields.optional("weight", "the column that says how much a row counts").flatMap(column)
    return source
  }

  /// A column by its name or number, or a list of them.
  private static func columns(_ field: Field) -> [ColumnReference]? {
    field.either(field.isList) {
      $0.list("a list of columns")?.compactMap(column)
    } or: {
      column($0).map { [$0] }
    }
  }

  static func column(_ field: Field) -> ColumnReference? {
    let rule = IntegerRule(-(1 << 24)...1 << 24)
    return field.either(field.isUnquotedNumber) {
      $0.integer(rule).map { .index($0) }
    } or: {
      $0.scalar("the name of a column, or its number from 0").map { .name($0) }
    }
  }

  private static func dialect(_ fields: inout Fields) -> CSVDialect {
    var dialect = CSVDialect()
    var given: [String: Field] = [:]
    func character(
      _ key: String, _ rule: CharacterRule, _ sentence: String, default value: Character? = nil,
      words: [String: Character] = [:]
    ) -> Character? {
      given[key] = fields.optional(key, sentence, default: value.map { .text(String($0)) })
      return given[key].flatMap { Decode.character($0, rule, words) }
    }
    let named: [String: Character] = ["tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "]
    dialect.delimiter =
      character(
        "delimiter", CSVDialect.delimiterRule, "what stands between cells", default: dialect.delimiter, words: named)
      ?? dialect.delimiter
    dialect.quote =
      character("quote", CSVDialect.quoteRule, "what stands around a cell", default: dialect.quote) ?? dialect.quote
    dialect.decimal =
      character("decimal", CSVDialect.decimalRule, "the point of numbers", default: dialect.decimal)
      ?? dialect.decimal
    dialect.thousands = character("thousands", CSVDialect.thousandsRule, "what groups the digits of numbers")
    dialect.missingWords = fields.optional(
      "missing_values", "words that stand for nothing, in the place of the usual ones: NA, NaN, null, ?"
    ).flatMap(words)
    dialect.comment = character("comment", CSVDialect.commentRule, "what begins a line that is passed over")
    dialect.skippedLines = fields.integer(
      "skip_rows", IntegerRule(0...1 << 24), "lines before the first that is read", default: dialect.skippedLines)
    for conflict in dialect.conflicts {
      conflict.keys.lazy.compactMap { given[$0] }.first?.report(expected: conflict.expected)
    }
    return dialect
  }

  /// Words that stand for nothing; numbers among them as they are written.
  private static func words(_ field: Field) -> [String]? {
    let expected = "a list of words, such as [\"-\", unknown, -999]"
    return field.list(expected)?.compactMap { $0.scalar("a word of at most 1000 bytes", bytes: 0...1000) }
  }

  /// - Parameter words: what some are called.
  private static func character(
    _ field: Field, _ rule: CharacterRule, _ words: [String: Character]
  ) -> Character? {
    if let schema = field.schema {
      schema.note(words: words.keys.sorted().map { Word($0) })
      return schema.take(["type": "string", "minLength": 1, "maxLength": 1])
    }
    if case .scalar(let text, _) = field.node.content {
      if let named = words[text] { return named }
      if text.count == 1, let character = text.first, rule.holds(character) { return character }
    }
    field.report(expected: rule.text)
    return nil
  }
}
