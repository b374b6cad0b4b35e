import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Tables of text")
struct CSVReaderTests {
  /// The cells of a table, row by row, and the line at which each row begins.
  private func read(_ bytes: [UInt8], delimiter: Unicode.Scalar = ",") throws -> [(line: Int, cells: [String])] {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/t.csv")
      var reader = try CSVReader("\(folder)/t.csv", CSVDialect(delimiter: Character(delimiter)))
      var rows: [(Int, [String])] = []
      while try reader.next() {
        rows.append((reader.line, reader.cells.indices.map { String(decoding: reader.bytes($0), as: UTF8.self) }))
      }
      return rows
    }
  }

  private func cells(_ text: String, delimiter: Unicode.Scalar = ",") throws -> [[String]] {
    try read(Array(text.utf8), delimiter: delimiter).map(\.cells)
  }

  @Test func rowsEndInEveryWay() throws {
    for end in ["\n", "\r\n", "\r"] {
      #expect(try cells("a,b\(end)1,2\(end)") == [["a", "b"], ["1", "2"]])
      #expect(try cells("a,b\(end)1,2") == [["a", "b"], ["1", "2"]])
      #expect(try cells("\(end)a,b\(end)  \(end)1,2\(end)\(end)") == [["a", "b"], ["1", "2"]])
    }
  }

  @Test func quotesHoldAnything() throws {
    let text = "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n  x y ,\" kept \" ,\"\"\n"
    #expect(try cells(text) == [["a,b", "say \"hi\"", "two\r\nlines"], ["x y", " kept ", ""]])
    let rows = try read(Array("a\n\"1\n2\n\"\nb\n".utf8))
    #expect(rows.map(\.line) == [1, 2, 5])
  }

  @Test func emptyCellsStay() throws {
    #expect(try cells(",\n1,\n,,\n") == [["", ""], ["1", ""], ["", "", ""]])
    #expect(try cells("\"\"\n") == [[""]])
  }

  @Test func delimitersAndMarks() throws {
    #expect(try cells("a;b,c\n", delimiter: ";") == [["a", "b,c"]])
    #expect(try cells("a\t\tb\n", delimiter: "\t") == [["a", "", "b"]])
    #expect(try read([0xEF, 0xBB, 0xBF] + Array("a,b".utf8)).map(\.cells) == [["a", "b"]])
  }

  /// Cells across every boundary of the buffer: lengths that do not divide it, lines longer than it.
  @Test(arguments: [7, 1021, 300_000])
  func linesOfEveryLength(length: Int) throws {
    var (text, expected) = ("", [[String]]())
    var generator = SeededGenerator(seed: UInt64(length))
    while text.utf8.count < 800_000 {
      let cell = String(repeating: "x", count: Int(generator.next() % UInt64(length)))
      let row = [cell, "a\"b,\r\n\(cell)", "1"]
      expected.append(row)
      text += "\(cell),\"a\"\"b,\r\n\(cell)\",1\r\n"
    }
    #expect(try cells(text) == expected)
  }

  @Test func whatIsNoTextIsRefused() throws {
    func problem(_ bytes: [UInt8]) -> String {
      do {
        _ = try read(bytes)
        return ""
      } catch { return "\(error)" }
    }
    #expect(problem([]).contains("found an empty file"))
    #expect(problem([0xFF, 0xFE, 0x61, 0]).contains("UTF-16"))
    #expect(problem(Array("a,b\n1,\0\n".utf8)).contains("t.csv:2:3: found a zero byte, expected text"))
    #expect(problem(Array("a\n\"b\nc".utf8)).contains("t.csv:2:1: found a quote that does not end"))
    #expect(problem(Array("a\n\"b\"c,d\n".utf8)).contains("t.csv:2:4: found text after a closing quote"))
  }
}
