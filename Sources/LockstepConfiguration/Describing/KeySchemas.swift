import LockstepFormats

/// The keys of one mapping, as the decoder asks for them.
struct KeySchemas {
  private var keys: [(name: String, schema: Schema, json: (Schema) -> JSONObject)] = []
  private var required: [String] = []
  /// Keys of which exactly one is given.
  private var choice: [String] = []
  private let mapping: Schema

  init(of mapping: Schema) { self.mapping = mapping }

  private mutating func key(_ name: String, _ json: @escaping (Schema) -> JSONObject) -> Field {
    let schema = mapping.inner()
    keys.append((name, schema, json))
    return schema.field
  }

  mutating func optional(_ key: String, _ sentence: String, default value: ResolvedValue?) -> Field {
    self.key(key) { schema in
      var json = schema.json(sentence, orNull: true)
      json["default"] = value?.json
      return json
    }
  }

  mutating func required(_ key: String, _ sentence: String) -> Field {
    required.append(key)
    return self.key(key) { $0.json(sentence) }
  }

  /// A key that is read, but not written any more.
  mutating func former(_ key: String, of today: String) -> Field {
    self.key(key) { schema in
      schema.json("the former name of \(today)", orNull: true).with("deprecated", true)
        .with("deprecationMessage", .string("write \(today)"))
    }
  }

  mutating func exactlyOne(of keys: [String]) { choice = keys }

  /// The scalar ways of a key, for a mapping that a value alone may stand for.
  func scalarWays(of key: String) -> [JSONObject] { keys.first { $0.name == key }?.schema.scalarWays ?? [] }

  var way: JSONObject {
    var properties = JSONObject()
    for key in keys { properties[key.name] = .object(key.json(key.schema)) }
    var way = JSONObject.mapping(properties, orNull: required.isEmpty && choice.isEmpty)
    if !required.isEmpty { way["required"] = .array(required.map { .string($0) }) }
    if !choice.isEmpty {
      way["oneOf"] = .array(
        choice.map { ["required": [.string($0)], "properties": .object([$0: ["not": ["type": "null"]]])] })
    }
    return way
  }
}
