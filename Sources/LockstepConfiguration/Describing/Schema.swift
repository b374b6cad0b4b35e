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
  func note(_ way: @autoclosure @escaping () -> JSONObject) { told.append(way) }

  /// The same, for a reader to return.
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
        if inner.takesNothing { definition.note(.word(Word(kind.name, kind.sentence))) }
        names[kind.name] = .object(inner.json(kind.sentence))
      }
      definition.note(.mapping(names).with("minProperties", 1).with("maxProperties", 1))
    }
    return take(["$ref": .string("#/definitions/\(name)")])
  }

  /// Notes words, each a way of its own where they have sentences.
  func note(words: [Word]) {
    if words.contains(where: { $0.sentence != nil }) {
      for word in words { note(.word(word)) }
    } else if !words.isEmpty {
      note(["enum": .array(words.map { .string($0.text) })])
    }
  }

  /// The same, for a reader to return.
  func take<Value>(words: [Word]) -> Value? {
    note(words: words)
    return nil
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
