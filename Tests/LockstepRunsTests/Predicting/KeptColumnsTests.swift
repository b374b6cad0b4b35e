import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Columns that are kept")
struct KeptColumnsTests {
  @Test(arguments: [
    ("id", ["id"]), ("id,name", ["id", "name"]), (" id , na me ", ["id", "na me"]), ("\"b, too\"", ["b, too"]),
    ("\"b, too\" ,x", ["b, too", "x"]), ("\"say \"\"no\"\"\",3", ["say \"no\"", "3"]), ("\"\"", [""]),
    ("a\"b", ["a\"b"]), ("\"x\",a\"b", ["x", "a\"b"]),
    ("\u{1F468}\u{200D}\u{1F469},e\u{301}", ["\u{1F468}\u{200D}\u{1F469}", "e\u{301}"]),
  ])
  func namesAreThoseOfARow(text: String, names: [String]) throws {
    #expect(try KeptColumns.names(in: text).map { Array($0.utf8) } == names.map { Array($0.utf8) })
  }

  @Test(arguments: ["", " ", ",", "a,", ",a", "a,,b", "\"a", "\"a\"b", "\"a\" b,c", "\"\"\""])
  func whatIsNoRowIsRefused(text: String) { #expect(throws: RunError.self) { try KeptColumns.names(in: text) } }

  @Test func columnsAreFoundByNameElseByNumber() throws {
    let header = ["id", "1", "é", "b, too", ""]
    func places(_ asked: [String], _ header: [String]?) throws -> [Int] {
      try KeptColumns(asked, among: header, count: 5, "t.csv").places
    }
    #expect(try places(["b, too", "id"], header) == [3, 0])
    // A column that is called so, before the one at that place.
    #expect(try places(["1", "4", "3"], header) == [1, 4, 3])
    #expect(try places(["4", "-5"], nil) == [4, 0])
    #expect(try KeptColumns(["-1"], among: nil, count: 5, "t.csv").names == ["4"])
    // As bytes, not as Unicode has it.
    #expect(throws: DataFileError.self) { try places(["e\u{301}"], header) }
    for asked in [["id", "0"], ["5"], ["-6"], ["b"], ["name"]] {
      #expect(throws: DataFileError.self, "\(asked)") { try places(asked, header) }
    }
  }
}
