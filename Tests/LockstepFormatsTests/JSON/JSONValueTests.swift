import TestSupport
import Testing

@testable import LockstepFormats

@Suite("JSON")
struct JSONValueTests {
  @Test func textKeepsTheOrderOfMembers() {
    let value: JSONValue = ["b": 1, "a": [true, nil, "x"], "c": [:], "d": 0.5, "e": []]
    #expect(value.text == #"{"b":1,"a":[true,null,"x"],"c":{},"d":0.5,"e":[]}"#)
    #expect(
      value.prettyText
        == "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\"\n  ],\n"
        + "  \"c\": {},\n  \"d\": 0.5,\n  \"e\": []\n}"
    )
  }

  /// Points of a curve would else be a line each.
  @Test func aListOfNumbersIsOneLine() {
    let value: JSONValue = ["a": [1, nil, 0.5], "b": [[1, 2], [3, 4]], "c": [1, "x"]]
    #expect(value.text == #"{"a":[1,null,0.5],"b":[[1,2],[3,4]],"c":[1,"x"]}"#)
    #expect(
      value.prettyText
        == "{\n  \"a\": [1, null, 0.5],\n  \"b\": [\n    [1, 2],\n    [3, 4]\n  ],\n"
        + "  \"c\": [\n    1,\n    \"x\"\n  ]\n}")
  }

  @Test func numbersAreShortAndReadBackExactly() throws {
    #expect(JSONValue.number(0.1).text == "0.1")
    #expect(JSONValue.number(1e-6).text == "1e-06")
    #expect(JSONValue.number(.infinity).text == "null")
    #expect(JSONValue.number(.nan).text == "null")
    #expect(JSONValue.integer(.min).text == "-9223372036854775808")
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<10_000 {
      let value = Double(bitPattern: generator.next())
      if !value.isFinite { continue }
      #expect(try JSONValue(parsing: JSONValue.number(value).text).number == value)
    }
  }

  @Test(arguments: [
    "null", "true", "-0.5", "12", "\"\"", "[]", "{}", #"{"a":{"b":[1,2,{"c":null}]}}"#, #""é\u0001\"\\""#,
    "[1e+300,-1.5e-300]",
  ])
  func textReadsBack(text: String) throws {
    #expect(try JSONValue(parsing: JSONValue(parsing: text).text) == JSONValue(parsing: text))
  }

  @Test func everyEscapeIsRead() throws {
    #expect(try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀"))
  }

  @Test func controlCharactersAreEscaped() {
    #expect(JSONValue.string("\u{1B}[31m\u{0}\u{7F}\u{2028}\n").text == #""\u001b[31m\u0000\u007f\u2028\n""#)
    #expect(JSONValue.quoted(String(repeating: "x", count: 500)).count == 203)
  }

  @Test(arguments: [
    "", " ", "nul", "truex", "[1,]", "[1", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "-", "1.", ".5",
    "1e", "+1",
    "1e400", "\"\\x\"", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD83Dx\"", "\"\\u12\"", "\"a", "\"\n\"", "1 2", "NaN",
    "Infinity", "'a'",
    "[1 2]", "{,}", "//c\n1", String(repeating: "[", count: 100_000), String(repeating: "9", count: 5000) + "e5",
  ])
  func otherTextIsRefused(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test func textThatIsNotUTF8IsRefused() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    }
  }

  @Test func aLargeIntegerBecomesANumber() throws {
    #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
    #expect(try JSONValue(parsing: "9223372036854775808") == .number(0x1p63))
  }

  /// Mutations of a valid document: read or refused, never a trap.
  @Test func mutatedTextNeverTraps() throws {
    let text = Array(
      #"{"event":"train","step":100,"loss":0.25,"list":[1,-2.5e-3,null,true,"a\u00e9\n"],"deep":{"a":{"b":[]}}}"#.utf8)
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var mutated = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<mutated.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: mutated[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: mutated.remove(at: place)
        default: mutated.insert(mutated[Int.random(in: 0..<mutated.count, using: &random)], at: place)
        }
      }
      _ = try? JSONValue(parsing: mutated)
    }
  }
}
