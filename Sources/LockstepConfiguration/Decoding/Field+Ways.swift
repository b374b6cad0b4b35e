// A value that can be written in several ways, and what tells them apart.

extension Field {
  /// Reads it the first way where `isFirst`, else the second; a schema is told both.
  func either<Value>(_ isFirst: Bool, _ first: (Field) -> Value?, or second: (Field) -> Value?) -> Value? {
    if schema != nil { _ = first(self) }
    return isFirst && schema == nil ? first(self) : second(self)
  }

  var isScalar: Bool { if case .scalar = node.content { true } else { false } }
  var isList: Bool { if case .list = node.content { true } else { false } }
  var isMapping: Bool { if case .mapping = node.content { true } else { false } }
  var isFlag: Bool {
    if case .scalar(let text, quoted: false) = node.content {
      ["true", "false"].contains(text.lowercased())
    } else {
      false
    }
  }
  var isNumber: Bool { if case .scalar(let text, _) = node.content { Numbers.isNumber(text) } else { false } }
  var isUnquotedNumber: Bool { if case .scalar(_, quoted: false) = node.content { isNumber } else { false } }
}
