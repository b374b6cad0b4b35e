import LockstepDeclarations
import LockstepFormats

// Ways to write a value, as JSON Schemas.

extension JSONObject {
  static func integer(_ range: ClosedRange<Int>) -> JSONObject {
    ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
  }

  static func number(_ rule: NumberRule) -> JSONObject {
    rule.bounds.reduce(["type": "number"]) { way, bound in
      let (name, number) =
        switch bound {
        case .above(let number): ("exclusiveMinimum", number)
        case .atLeast(let number): ("minimum", number)
        case .below(let number): ("exclusiveMaximum", number)
        case .atMost(let number): ("maximum", number)
        }
      return way.with(name, Int(exactly: number).map { .integer($0) } ?? .number(number))
    }
  }

  /// One word, with what it stands for.
  static func word(_ word: Word) -> JSONObject {
    let way: JSONObject = ["const": .string(word.text)]
    return word.sentence.map { way.with("description", .string($0)) } ?? way
  }

  static func list(_ item: Schema) -> JSONObject { ["type": "array", "items": .object(item.json())] }

  /// - Parameter orNull: whether nothing is as good as an empty one.
  static func mapping(_ properties: JSONObject, orNull: Bool = false) -> JSONObject {
    [
      "type": orNull ? ["object", "null"] : "object", "properties": .object(properties),
      "additionalProperties": false,
    ]
  }

  var takesNull: Bool {
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
