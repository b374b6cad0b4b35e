import LockstepDeclarations
import LockstepFormats

extension Field {
  /// Reads a mapping, `nothing` being an empty one, and reports the keys that `body` did not ask for.
  ///
  /// - Parameter main: the key that a scalar in the mapping's place stands for.
  func mapping<Value>(_ expected: String = "a mapping", main: String? = nil, _ body: (inout Fields) -> Value) -> Value?
  {
    if let schema {
      let keys = describe(schema, body)
      if let main {
        for way in keys.scalarWays(of: main) { schema.note(way) }
      }
      return schema.take(keys.way)
    }
    let entries: [ConfigurationNode.Entry]
    switch node.content {
    case .mapping(let given): entries = given
    case .nothing: entries = []
    case .scalar where main != nil: entries = node.expanded(as: main ?? "")
    default:
      report(expected: "\(expected)\(exampleKeys(body))", hint: ForeignWords.hint(forValueAt: path))
      return nil
    }
    let before = diagnostics.mark
    func read(_ strays: StrayKeys, leavingOutNull: Bool) -> (fields: Fields, value: Value) {
      var fields = Fields(entries, self, offering: strays, leavesOutNull: leavingOutNull)
      let value = body(&fields)
      return (fields, value)
    }
    var (fields, value) = read(StrayKeys(entries), leavingOutNull: true)
    // What is unknown here may belong into a section that is empty for that reason.
    if !fields.unknown.isEmpty, entries.contains(where: { $0.value.content == .nothing }) {
      diagnostics.rewind(to: before)
      (fields, value) = read(StrayKeys(entries), leavingOutNull: false)
    }
    if let strays = fields.strays.offering(fields.unknown, hasUnnamed: path.isEmpty) {
      diagnostics.rewind(to: before)
      (fields, value) = read(strays, leavingOutNull: false)
    }
    fields.reportRest()
    return value
  }

  /// Reads a mapping whose keys follow from that of `words` which is the value of one: `kind: spirals`.
  ///
  /// - Parameter body: is given nil where that value is wrong or missing.
  func mapping<Value>(
    _ expected: String, by key: String, _ sentence: String, among words: [Word],
    _ body: (inout Fields, String?) -> Value
  ) -> Value? {
    guard let schema else {
      return mapping(expected) { fields in
        let kind = fields.required(key, sentence, expected: SettingType.word(words).text)
        return body(&fields, kind?.word(among: words))
      }
    }
    for word in words {
      let keys = describe(schema) { fields in
        _ = fields.required(key, word.sentence ?? sentence, expected: "")?.word(among: [word])
        _ = body(&fields, word.text)
      }
      schema.note(keys.way)
    }
    return nil
  }

  /// The keys that `body` asks for, each with what it takes.
  private func describe<Value>(_ schema: Schema, _ body: (inout Fields) -> Value) -> KeySchemas {
    var fields = Fields([], self, offering: StrayKeys([]), leavesOutNull: true)
    _ = body(&fields)
    return fields.schema ?? KeySchemas(of: schema)
  }

  /// The keys that `body` would ask for, found by letting it read an empty mapping.
  private func exampleKeys<Value>(_ body: (inout Fields) -> Value) -> String {
    let empty = ConfigurationNode(.mapping([]), at: location)
    var fields = Fields(
      [], Field(node: empty, path: path, diagnostics: Diagnostics()), offering: StrayKeys([]), leavesOutNull: true)
    _ = body(&fields)
    let keys = fields.known
    return keys.isEmpty ? "" : " with \(keys.count == 1 ? "the key" : "keys of") \(keys.joined(separator: ", "))"
  }
}
