import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// How cells are told apart and what they say, by hand; random tables are compared with pandas in `PandasTests`.
@Suite("Dialects of tables") struct CSVDialectTests {
  /// The features of a table whose last column is the class, a missing one as nil.
  private func features(_ text: String, _ dialect: CSVDialect, hasHeader: Bool = true) throws -> [[Double?]] {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      let source = CSVSource(path: "\(folder)/t.csv", targets: [.index(-1)], hasHeader: hasHeader, dialect: dialect)
      let table = try CSVTable.read(source, SampleRules(kind: .classes, fillsMissing: true, isPrecise: true))
      var rows = Array(repeating: [Double?](), count: table.count)
      for row in 0..<table.count {
        table.features.forEach(row: row) { _, value in rows[row].append(value.isNaN ? nil : value) }
      }
      return rows
    }
  }

  private func problem(
    _ text: String, _ dialect: CSVDialect = CSVDialect(), hasHeader: Bool = true, target: ColumnReference = .name("y")
  ) throws
    -> String
  {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      return LockstepDataTests.problem(
        .csv("\(folder)/t.csv", target: target) { ($0.dialect, $0.hasHeader) = (dialect, hasHeader) })
    }
  }

  private func number(_ text: String, decimal: Character, thousands: Character?) -> Double? {
    let words = CSVWords(CSVDialect(decimal: decimal, thousands: thousands))
    return words.plainNumber(Array(text.utf8)).flatMap { CSVNumber.parse($0.span, 0..<$0.count, as: Double.self) }
  }

  /// Every number with every separator of thousands: groups of three, and nothing else.
  @Test func groupsOfThousands() {
    for thousands in [",", " ", "'", "_", "\u{A0}", "\u{202F}", "’", "."] as [Character] {
      let decimal: Character = thousands == "." ? "," : "."
      let t = String(thousands)
      for (text, value) in [
        ("1t234", 1234), ("12t345", 12345), ("123t456", 123_456), ("1t234t567", 1_234_567), ("-1t234d5", -1234.5),
        ("+1t000", 1000), ("1t234d5e2", 123_450), ("999", 999), ("1234", 1234), ("0d5", 0.5), ("d5", 0.5),
        ("1t234d", 1234),
        ("1t000e3", 1e6),
      ] as [(String, Double)] {
        let text = text.replacing("t", with: t).replacing("d", with: String(decimal))
        #expect(number(text, decimal: decimal, thousands: thousands) == value, "\(text)")
      }
      for text in [
        "1t23", "1t2345", "1234t567", "t123", "1t", "1tt234", "1t234t56", "1t23d5", "1d234t567", "1t234e1t000", "t",
        "-t123",
        "1t 234",
      ] {
        let text = text.replacing("t", with: t).replacing("d", with: String(decimal))
        #expect(number(text, decimal: decimal, thousands: thousands) == nil, "\(text)")
      }
      // Another point than the dialect's is none.
      if decimal == "," { #expect(number("1.5", decimal: ",", thousands: nil) == nil) }
    }
    #expect(number("1.5", decimal: ",", thousands: nil) == nil && number("1,5", decimal: ",", thousands: nil) == 1.5)
    #expect(number("1,5", decimal: ".", thousands: nil) == nil)
  }

  /// What stands for nothing: the usual words outside quotes, named ones anywhere, numbers by their value, and an empty
  /// cell always.
  @Test func wordsForNothing() throws {
    let usual =
      "a,y\n1,u\nNA,v\n,u\n\"\",v\n?,u\n#N/A,v\nnull,u\nNone,v\n<NA>,u\nn/a,v\n nan ,u\nNaN,v\nNULL,u\nN/A,v\n"
    #expect(try features(usual, CSVDialect()) == [[1]] + Array(repeating: [nil], count: 13))
    #expect(try problem("a,y\n1,u\n\"NA\",v\n").contains("t.csv:3:2: column \"a\": found \"NA\""))
    let named = CSVDialect(missingWords: ["-", "-999", "un known"])
    #expect(
      try features("a,y\n1,u\n-,v\n-999,u\n-999.0,v\n-9.99e2,u\n\"-\",v\nun known,u\n,v\n-998,u\n", named) == [
        [1], [nil], [nil], [nil], [nil], [nil], [nil], [nil], [-998],
      ])
    // The usual words are words then, and so they are where none is named.
    for words in [["-"], []] {
      #expect(try problem("a,y\n1,u\nNA,v\n", CSVDialect(missingWords: words)).contains("found \"NA\""), "\(words)")
    }
    // In the notation of the table.
    let european = CSVDialect(delimiter: ";", decimal: ",", thousands: ".", missingWords: ["-9.999,0"])
    #expect(
      try features("a;y\n1,5;u\n-9999;v\n-9.999,00;u\n-9999,5;v\n", european) == [[1.5], [nil], [nil], [-9999.5]])
  }

  @Test func missingWordsMayHoldAnything() throws {
    let dialect = CSVDialect(missingWords: ["a,b", "x\ny", "say \"no\"", "é"])
    #expect(
      try features("a,y\n1,u\n\"a,b\",v\n\"x\ny\",u\n\"say \"\"no\"\"\",v\né,u\n", dialect) == [
        [1], [nil], [nil], [nil], [nil],
      ])
    #expect(try problem("a,y\n1,u\ne\u{301},v\n", dialect).contains("t.csv:3:1"))
  }

  /// Lines are counted as the file has them, behind those that are skipped, those of comments, and those inside quotes.
  @Test func placesCountEveryLine() throws {
    let text = "Made by,\"a program\n\nunits: m\n# note\na,y # names\n1,u\n# more\n\n\"2\",\"v\nw\"\nwrong,u\n3,u\n"
    let dialect = CSVDialect(comment: "#", skippedLines: 3)
    #expect(try problem(text, dialect).contains("t.csv:11:1: column \"a\": found \"wrong\""))
    #expect(try features(text.replacing("wrong", with: "7"), dialect) == [[1], [2], [7], [3]])
    #expect(try problem("x\ny\n", CSVDialect(skippedLines: 3)).contains("the end of the file"))
    for end in ["\n", "\r\n", "\r"] {
      #expect(try features("skip\(end)\(end)a,y\(end)1,u\(end)2,v\(end)", CSVDialect(skippedLines: 2)) == [[1], [2]])
    }
  }

  /// Lines that are skipped, and comments, of every length around the buffer of 256 KiB.
  @Test func linesLongerThanTheBuffer() throws {
    for length in [(1 << 18) - 30, (1 << 18) - 3, 1 << 18, (1 << 18) + 1, 700_000] {
      for end in ["\n", "\r\n"] {
        let line = String(repeating: "\"x,", count: length / 3)
        let text = "\(line)\(end)a,y\(end)#\(line)\(end)1,u#\(line)\(end)2,v\(end)#\(line)"
        #expect(try features(text, CSVDialect(comment: "#", skippedLines: 1)) == [[1], [2]], "\(length)")
      }
    }
  }

  @Test func aBlankBeforeAQuoteIsNoPartOfTheCell() throws {
    let text = "a , \"b\" ,y\n 1 , \"2\",u\n\"3\"\t,\t\"4\" ,v\n 5, \" 6 \" , \"u\"\n"
    #expect(try features(text, CSVDialect()) == [[1, 2], [3, 4], [5, 6]])
    try withTemporaryFolder { folder in
      try write(" \"a, b\" , \"y\"\n \"p, q\" , u\n\t\"it \"\"is\"\"\" ,v\n p,u\n", to: "\(folder)/t.csv")
      let data = try FileData(opening: .csv("\(folder)/t.csv"))
      #expect(data.preprocessing.columns[0].name == "a, b")
      #expect(data.preprocessing.columns[0].categories == ["it \"is\"", "p", "p, q"])
    }
  }

  /// A table that is separated by something else says so, in whatever way it fails.
  @Test(arguments: [";", "\t", "|"]) func anotherDelimiterIsSaid(delimiter: String) throws {
    let name = delimiter == "\t" ? "tab" : "\"\(delimiter)\""
    func table(_ rows: [[String]], quoted: Bool = false) -> String {
      rows.map { $0.map { quoted ? "\"\($0)\"" : $0 }.joined(separator: delimiter) + "\n" }.joined()
    }
    let rows = [["a", "b", "y"], ["1", "2", "u"], ["3", "4", "v"]]
    let problems = try [
      problem(table(rows)), problem(table(rows), target: .index(-1)), problem(table(rows), target: .index(2)),
      problem(table(Array(rows.dropFirst())), hasHeader: false, target: .index(-1)),
      problem(table(rows, quoted: true)),
      problem(table(rows.map { $0.map { "\($0)\($0 == "b" ? ", too" : "")" } })),
    ]
    for (number, problem) in problems.enumerated() {
      #expect(problem.contains("delimiter: \(name)"), "\(number): \(problem)")
    }
    // The other way round, and no word of it where it is right.
    let back = try problem("a,b,y\n1,2,u\n", CSVDialect(delimiter: Character(delimiter)))
    #expect(back.contains("delimiter: \",\""), "\(back)")
    #expect(try !problem("a\(delimiter)x,b,y\n1,2\n").contains("delimiter: \(name)"))
  }
}
