import LockstepDeclarations
import LockstepFormats

/// What may stand in one place of a configuration. The decoder tells it itself: let loose on a field that holds a
/// schema where others hold a value, its readers note what they would take, every way of it, and read nothing. So a
/// key, its type, its range and its sentence stand where it is read, and nowhere else.
final class Schema {
  /// Ways to write the value, as JSON Schemas; any of them will do. Asked for at the end: what a list holds is told
  /// after the list.
  private var told: [() -> JSONObject] = []
  fileprivate let shared: SharedSchemas

  init(_ shared: SharedSchemas) { self.shared = shared }

  /// Notes a way to write the value.
  ///
  /// - Returns: nil, for a reader to return.
  func take<Value>(_ way: @autoclosure @escaping () -> JSONObject) -> Value? {
    told.append(way)
    return nil
  }

  /// One for a place inside this one.
  func inner() -> Schema { Schema(shared) }

  /// A field that holds it.
  var field: Field {
    Field(
      node: ConfigurationNode(.nothing, at: ConfigurationLocation(source: "")), path: "", diagnostics: Diagnostics(),
      schema: self)
  }

  var ways: [JSONObject] {
    told.reduce(into: []) { ways, way in
      let way = way()
      if !ways.contains(way) { ways.append(way) }
    }
  }

  /// Those that a value in the place of a mapping can be written in: `0.2`, where `{rate: 0.2}` is meant.
  var scalarWays: [JSONObject] {
    ways.filter { way in
      way["enum"] != nil || way["const"] != nil || ["integer", "number", "boolean", "string"].contains(way["type"])
    }
  }

  /// Whether nothing is as good as an empty mapping.
  var takesNothing: Bool { ways.contains(where: \.takesNull) }

  /// - Parameter description: what a value does here.
  func json(_ description: String? = nil, orNull: Bool = false) -> JSONObject {
    var ways = ways
    if orNull, !takesNothing {
      // Of nothing it holds that each of several keys is given.
      if ways.count == 1, ways[0]["oneOf"] == nil, case .string(let type)? = ways[0]["type"] {
        ways[0]["type"] = [.string(type), "null"]
      } else if ways.count == 1, case .array(let words)? = ways[0]["enum"] {
        ways[0]["enum"] = .array(words + [.null])
      } else {
        ways.append(["type": "null"])
      }
    }
    var json = JSONObject()
    json["description"] = description.map { .string($0) }
    // What stands beside a reference is not looked at.
    guard ways.count == 1, description == nil || ways[0]["$ref"] == nil else {
      json["anyOf"] = .array(ways.map { .object($0) })
      return json
    }
    for member in ways[0].members where json[member.name] == nil { json[member.name] = member.value }
    return json
  }

  /// Notes one of several things: a name alone, where it needs no settings, or one name with its settings.
  func take<Value>(named what: String, _ kinds: [NamedReader<Value>]) -> Value? {
    let name = String(what.map { $0 == " " ? "_" : $0 })
    if let definition = shared.begin(name) {
      var names = JSONObject()
      for kind in kinds {
        let inner = definition.inner()
        _ = kind.read(inner.field)
        if inner.takesNothing { definition.takeWord(Word(kind.name, kind.sentence)) }
        names[kind.name] = .object(inner.json(kind.sentence))
      }
      let way = JSONObject.mapping(names).with("minProperties", 1).with("maxProperties", 1)
      let _: Value? = definition.take(way)
    }
    return take(["$ref": .string("#/definitions/\(name)")])
  }

  /// Notes words, each a way of its own where they have sentences.
  func take<Value>(words: [Word]) -> Value? {
    guard words.contains(where: { $0.sentence != nil }) else {
      return take(["enum": .array(words.map { .string($0.text) })])
    }
    for word in words { takeWord(word) }
    return nil
  }

  private func takeWord(_ word: Word) {
    var way: JSONObject = ["const": .string(word.text)]
    way["description"] = word.sentence.map { .string($0) }
    let _: Never? = take(way)
  }
}

/// Schemas that several places share. A layer holds layers: they refer to it by its name.
final class SharedSchemas {
  private var names: [(name: String, schema: Schema)] = []

  /// The schema called `name`, to be filled; nil where that has been begun already.
  fileprivate func begin(_ name: String) -> Schema? {
    if names.contains(where: { $0.name == name }) { return nil }
    names.append((name, Schema(self)))
    return names.last?.schema
  }

  var definitions: JSONObject {
    names.reduce(into: JSONObject()) { $0[$1.name] = .object($1.schema.json()) }
  }
}

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

extension JSONObject {
  static func integer(_ range: ClosedRange<Int>) -> JSONObject {
    ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
  }

  static func number(_ rule: NumberRule) -> JSONObject {
    rule.bounds.reduce(["type": "number"]) { way, bound in
      switch bound {
      case .above(let number): way.with("exclusiveMinimum", .number(number))
      case .atLeast(let number): way.with("minimum", .number(number))
      case .below(let number): way.with("exclusiveMaximum", .number(number))
      case .atMost(let number): way.with("maximum", .number(number))
      }
    }
  }

  static func list(_ item: Schema) -> JSONObject { ["type": "array", "items": .object(item.json())] }

  /// - Parameter orNull: whether nothing is as good as an empty one.
  fileprivate static func mapping(_ properties: JSONObject, orNull: Bool = false) -> JSONObject {
    [
      "type": orNull ? ["object", "null"] : "object", "properties": .object(properties),
      "additionalProperties": false,
    ]
  }

  fileprivate var takesNull: Bool {
    switch self["type"] {
    case .string(let type)?: type == "null"
    case .array(let types)?: types.contains("null")
    default: false
    }
  }

  func with(_ name: String, _ value: JSONValue) -> JSONObject {
    var object = self
    object[name] = value
    return object
  }
}

extension RunConfiguration {
  /// What a file of a configuration may hold, as JSON Schema (draft 7, which editors read): keys with their types,
  /// ranges, defaults and what they do. It takes whatever Lockstep takes, and refuses what one key alone shows to be
  /// wrong.
  public static var schema: JSONObject {
    let shared = SharedSchemas()
    let schema = Schema(shared)
    _ = Decode.run(schema.field, defaultName: Defaults.name)
    var json: JSONObject = ["$schema": "http://json-schema.org/draft-07/schema#", "title": "Lockstep"]
    for member in schema.json("a run of lockstep: what is trained, on what, how, and how long").members {
      json[member.name] = member.value
    }
    return json.with("definitions", .object(shared.definitions))
  }
}
