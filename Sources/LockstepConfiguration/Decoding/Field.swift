import LockstepDeclarations
import LockstepFormats

/// One value of a configuration under its path, and the ways to read it. What does not fit is reported, and nil
/// returned, so that one reading finds everything that is wrong.
package struct Field {
  let node: ConfigurationNode
  let path: String
  let diagnostics: Diagnostics
  /// Keys that stand beside it and may belong into it.
  var strays: StrayKeys?
  /// Where readers tell what they take instead of reading it.
  var schema: Schema?

  var location: ConfigurationLocation { node.location }

  func report(found: String? = nil, expected: String, hint: String? = nil) {
    diagnostics.report(at: location, path: path, found: found ?? node.summary, expected: expected, hint: hint)
  }

  func report(_ problem: SettingProblem) {
    report(found: problem.found, expected: problem.expected, hint: problem.hint)
  }

  func integer(_ rule: IntegerRule) -> Int? {
    if let schema { return schema.take(.integer(rule.range)) }
    guard let text = plainText(expected: rule.text) else { return nil }
    switch Numbers.integer(text, as: Int.self) {
    case .value(let value) where rule.range.contains(value): return value
    case .value, .tooLarge: report(expected: rule.text)
    case .fraction: report(expected: rule.text, hint: Self.wholeNumberHint(text))
    case .noNumber: reportNoNumber(text, expected: rule.text)
    }
    return nil
  }

  /// A seed: any 64 bits.
  func unsignedInteger() -> UInt64? {
    if let schema { return schema.take(["type": "integer", "minimum": 0, "maximum": .number(Double(UInt64.max))]) }
    let expected = "an integer from 0 to \(UInt64.max)"
    guard let text = plainText(expected: expected) else { return nil }
    switch Numbers.integer(text, as: UInt64.self) {
    case .value(let value): return value
    case .noNumber: reportNoNumber(text, expected: expected)
    case .fraction, .tooLarge: report(expected: expected)
    }
    return nil
  }

  /// A number of the precision that it is used in: a `Float` is read as one, and must fit its rule as one.
  func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(_ rule: NumberRule, as: Value.Type = Value.self)
    -> Value?
  {
    if let schema { return schema.take(.number(rule)) }
    guard let text = plainText(expected: rule.text) else { return nil }
    switch Numbers.number(text, as: Value.self) {
    case .value(let value) where rule.holds(Double(value)): return value
    case .value: report(expected: rule.text, hint: Self.singlePrecisionHint(text))
    case .tooLarge:
      report(expected: rule.text, hint: "it is infinite in \(Value.self == Float.self ? "single" : "double") precision")
    case .noNumber, .fraction: reportNoNumber(text, expected: rule.text)
    }
    return nil
  }

  func flag(_ expected: String = "true or false") -> Bool? {
    if let schema { return schema.take(["type": "boolean"]) }
    guard let text = plainText(expected: expected) else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    case "yes", "Yes", "on", "On", "y": report(expected: expected, hint: "write true")
    case "no", "No", "off", "Off", "n": report(expected: expected, hint: "write false")
    default: report(expected: expected)
    }
    return nil
  }

  /// Text; what YAML may take for something else must stand in quotes.
  func text(_ expected: String) -> String? {
    if let schema { return schema.take(["type": "string"]) }
    guard case .scalar(let text, let quoted) = node.content else {
      report(expected: expected)
      return nil
    }
    if !quoted && (Numbers.isNumber(text) || ["true", "false"].contains(text.lowercased())) {
      report(expected: expected, hint: "write \"\(Display.plain(text))\" in quotes")
      return nil
    }
    return text
  }

  /// Text that may be anything, also what YAML takes for a number or a flag.
  func scalar(_ expected: String, bytes: ClosedRange<Int> = 0...Int.max) -> String? {
    if let schema {
      let anything: JSONObject = ["type": ["string", "number", "boolean"]]
      return schema.take(bytes.contains(0) ? anything : anything.with("minLength", 1))
    }
    guard case .scalar(let text, _) = node.content, bytes.contains(text.utf8.count) else {
      report(expected: expected)
      return nil
    }
    return text
  }

  /// One of the words of an enumeration.
  func word<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type = Value.self) -> Value? {
    word(among: Word.all(of: type)).flatMap { Value(rawValue: $0) }
  }

  /// One of `words`.
  func word(among words: [Word], _ expected: String? = nil, hint: String? = nil) -> String? {
    if let schema { return schema.take(words: words) }
    let texts = words.map(\.text)
    guard case .scalar(let text, _) = node.content, texts.contains(text) else {
      var hint = hint
      if hint == nil, case .scalar(let text, _) = node.content { hint = ForeignWords.hint(forWord: text, among: texts) }
      report(expected: expected ?? SettingType.word(words).text, hint: hint)
      return nil
    }
    return text
  }

  /// The elements of a list, in order.
  func list(_ expected: String, hint: String? = nil, atLeast least: Int = 0) -> [Field]? {
    if let schema {
      let inner = schema.inner()
      schema.note(least == 0 ? .list(inner) : .list(inner).with("minItems", .integer(least)))
      return [inner.field]
    }
    guard case .list(let items) = node.content else {
      report(expected: expected, hint: hint)
      return nil
    }
    return items.enumerated().map { Field(node: $1, path: Path.child("\($0)", of: path), diagnostics: diagnostics) }
  }

  /// The text of a scalar that is not in quotes; anything else is reported.
  private func plainText(expected: String) -> String? {
    guard case .scalar(let text, let quoted) = node.content else {
      report(expected: expected)
      return nil
    }
    if quoted {
      report(expected: expected, hint: Numbers.isNumber(text) ? "write \(Display.plain(text)) without quotes" : nil)
      return nil
    }
    return text
  }

  private func reportNoNumber(_ text: String, expected: String) {
    let word = text.lowercased().drop { "+-.".contains($0) }
    if ["inf", "infinity", "nan"].contains(word) { return report(expected: expected, hint: "numbers are finite") }
    let without = text.filter { $0 != "_" && $0 != "," }
    let trimmed = String(text.drop { $0 == "0" })
    let suggestion =
      if without != text, Numbers.isNumber(without) { without } else if trimmed != text, Numbers.isNumber(trimmed) {
        trimmed
      } else { "" }
    report(expected: expected, hint: suggestion.isEmpty ? nil : "write \(suggestion)")
  }

  /// What rounding to 32 bits has made of a number that looks as if it were allowed: 1e-60 is above 0 as written, yet
  /// nothing there.
  private static func singlePrecisionHint(_ text: String) -> String? {
    guard let written = Double(text), let single = Float(text), !single.isNaN, written != Double(single) else {
      return nil
    }
    if single.isInfinite { return "it is infinite in single precision" }
    if single.isZero || single.isSubnormal { return "it is 0 in single precision" }
    return single == 1 ? "it is 1 in single precision" : nil
  }

  private static func wholeNumberHint(_ text: String) -> String? {
    guard let point = text.firstIndex(of: "."), point > text.startIndex else { return nil }
    let isWhole = text[text.index(after: point)...].allSatisfy { $0 == "0" }
    return isWhole ? "write \(Display.plain(String(text[..<point])))" : nil
  }
}
