/// A JSON value. Objects keep the order of their members.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits 64 bits.
  case integer(Int)
  /// Any other number. It is written with the fewest digits that read back as the same Double; infinities and NaN,
  /// which JSON has no number for, are written as `null`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A number, or null where there is no finite one.
  package static func figure(_ value: Double?) -> JSONValue {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }

  /// The value of `.integer`; nil for any other case.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value of `.number` or `.integer` as a Double; nil for any other case.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value of `.string`; nil for any other case.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The value of `.bool`; nil for any other case.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of `.array`; nil for any other case.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of `.object`; nil for any other case.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }
}

/// A JSON object. Its members keep the order in which they were given; names are equal where their bytes are.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// A name and its value.
  public struct Member: Sendable, Equatable {
    /// Unique in its object.
    public var name: String
    /// Any JSON value.
    public var value: JSONValue

    func isCalled(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }
  }

  /// All members in their order.
  public private(set) var members: [Member] = []

  package init() {}

  /// Of a name that stands twice the last value counts, at the place of the first.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }

  /// The value of the member `name`, nil where there is none. Setting a new name adds it at the end; setting nil
  /// removes the member.
  public subscript(name: String) -> JSONValue? {
    get { members.first { $0.isCalled(name) }?.value }
    set {
      let place = members.firstIndex { $0.isCalled(name) }
      switch (place, newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): members.remove(at: place)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// Adds a member whose name is known to be new.
  package mutating func append(_ name: String, _ value: JSONValue) {
    members.append(Member(name: name, value: value))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// `.string(value)`
  public init(stringLiteral value: String) { self = .string(value) }
  /// `.integer(value)`
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// `.number(value)`
  public init(floatLiteral value: Double) { self = .number(value) }
  /// `.bool(value)`
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// `.array(elements)`
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// `.null`
  public init(nilLiteral: ()) { self = .null }

  /// `.object` with these members, as `JSONObject` takes them.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}
