import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

/// What a column holds, which all of its cells decide.
@Suite struct CSVColumnTests {
  /// A table whose first column has `cells`, between a number and a word; a class of two in the last.
  private func table(_ cells: [String]) -> String {
    "n,\"the, column\",w,y\n" + cells.enumerated().map { "\($0 * $0 % 7),\($1),w\($0 % 2),\($0 % 2)\n" }.joined()
  }

  private func open(
    _ cells: [String], missing: Bool = false, _ change: (inout CSVSource) -> Void = { _ in }
  ) throws -> FileData {
    try withTemporaryFolder { folder in
      try write(table(cells), to: "\(folder)/t.csv")
      return try FileData(opening: .csv("\(folder)/t.csv", missing: missing, change: change))
    }
  }

  private func fail(
    _ cells: [String], missing: Bool = false, _ change: (inout CSVSource) -> Void = { _ in }
  ) throws -> String {
    try withTemporaryFolder { folder in
      try write(table(cells), to: "\(folder)/t.csv")
      return problem(.csv("\(folder)/t.csv", missing: missing, change: change))
    }
  }

  private static let odd = [
    "unknown", "$5", "5%", "5 €", "#DIV/0!", "#REF!", "\"1,234\"", "\"1,5\"", "1 234", "1'234", "−5", "(5)", "1.2.3",
    "0x1F", "1e", "--1", "\"NA\"", "\"\u{FEFF}1\"", "five", "1O", "½", "٣", "inf",
  ]

  /// One cell that is no number among numbers, wherever it stands: the error shows its line and column, what it is, and
  /// what to do.
  @Test(arguments: [1, 2, 5, 1000])
  func oneOddCellAmongNumbers(others: Int) throws {
    for odd in Self.odd {
      for place in Set([0, others / 2, others]) {
        var cells = (0..<others).map { "\(Double($0) / 4)" }
        cells.insert(odd, at: place)
        let problem = try fail(cells)
        // In quotes a cell begins behind them. Before it stand one digit and a comma.
        let isQuoted = odd.hasPrefix("\"")
        #expect(
          problem.contains("t.csv:\(place + 2):\(isQuoted ? 4 : 3): column \"the, column\": found \""),
          "\(odd) at \(place) of \(others): \(problem)")
        #expect(problem.contains(odd.replacing("\"", with: "").replacing("\u{FEFF}", with: "")), "\(problem)")
        for way in ["categorical", "missing_values", "ignore"] { #expect(problem.contains(way), "\(odd): \(problem)") }
        // The ways out are ways out.
        let listed = try open(cells) { $0.categorical = [.index(1)] }
        #expect(listed.preprocessing.columns[1].categories?.count == others + 1, "\(odd)")
        let ignored = try open(cells) { $0.ignored = [.name("the, column")] }
        #expect(ignored.preprocessing.columns.map(\.name) == ["n", "w"])
        let named = try open(cells, missing: true) { $0.dialect.missingWords = [odd.replacing("\"", with: "")] }
        guard case .number(let mean, _) = named.preprocessing.columns[1].encoding else {
          Issue.record("\(odd): no number")
          continue
        }
        let sum = (0..<others).reduce(0.0) { $0 + Double($1) / 4 }
        expectClose(actual: mean, expected: sum / Double(others), absolute: 1e-9, relative: 1e-12)
      }
    }
  }

  /// Of several odd cells it is the first.
  @Test func theFirstOddCellIsShown() throws {
    #expect(try fail(["1", "2", "low", "3", "high", "4"]).contains("t.csv:4:3: column \"the, column\": found \"low\""))
    #expect(try fail(["", "1", "2", "3", "", "high", "low"], missing: true).contains("t.csv:7:3:"))
    #expect(try fail(["1", "2", "high", "\"1,5\"", "3"]).contains("t.csv:4:3: column \"the, column\": found \"high\""))
  }

  /// A few numbers among words are what is odd.
  @Test func oneNumberAmongWords() throws {
    for place in 1...6 {
      var cells = ["red", "green", "blue", "red", "black", "green"]
      cells.insert("5", at: place)
      let problem = try fail(cells)
      #expect(
        problem.contains("t.csv:\(place + 2):3: column \"the, column\": found the number 5 among words"), "\(problem)")
      #expect(problem.contains("categorical"))
      #expect(try open(cells) { $0.categorical = [.index(1)] }.preprocessing.columns[1].categories?.count == 5)
    }
  }

  @Test func numbersInEveryNotationAreNumbers() throws {
    let cells = ["1", "-2.5", "+3", ".5", "7.", "1e-3", "2E+2", "\"4\"", " 5 ", " \"6\" ", "0007", "-0"]
    let values = [1, -2.5, 3, 0.5, 7, 0.001, 200, 4, 5, 6, 7, 0.0]
    let data = try open(cells)
    #expect(data.preprocessing.columns[1].categories == nil)
    let inputs = try samples(of: data.sets.train).inputs
    #expect(inputs.map { $0[1] } == values.map { Float($0) })
  }

  /// Columns without a number are categories; words for nothing are none of them, unless in quotes.
  @Test func wordsAloneAreCategories() throws {
    let data = try open(["b", "a", "B", "a b", "\"1,5 m\"", "2020-01-02", "12:30", "x1", "\"NA\"", "é", "true"])
    #expect(
      data.preprocessing.columns[1].categories == [
        "1,5 m", "12:30", "2020-01-02", "B", "NA", "a", "a b", "b", "true", "x1", "é",
      ])
    let gaps = try open(["NA", "b", "?", "", "a", "None"], missing: true)
    #expect(gaps.preprocessing.columns[1].categories == ["a", "b"])
    let inputs = try samples(of: gaps.sets.train).inputs.map { Array($0[1...2]) }
    #expect(inputs == [[0, 0], [0, 1], [0, 0], [0, 0], [1, 0], [0, 0]])
  }

  /// Numbers in another notation alone are no categories either: hundreds of inputs, or decimal commas.
  @Test(arguments: [
    (["\"1,5\"", "\"2,25\"", "\"-3,0\""], "decimal"), (["\"1,234\"", "\"22,345\""], "thousands"),
    (["\"1.234,5\"", "\"2.000,0\""], "thousands"), (["\"1,234.5\"", "\"2,000\""], "thousands"),
    (["$5", "$6", "$7"], "signs"),
    (["5%", "6 %", "7%"], "signs"), (["#DIV/0!", "#DIV/0!"], "spreadsheet"),
  ])
  func anotherNotationIsSaid(cells: [String], way: String) throws {
    let problem = try fail(cells)
    #expect(problem.contains("t.csv:2:\(cells[0].hasPrefix("\"") ? 4 : 3): column \"the, column\""), "\(problem)")
    #expect(problem.contains(way), "\(problem)")
    #expect(try open(cells) { $0.categorical = [.index(1)] }.preprocessing.columns[1].categories != nil)
  }

  /// As many words as a column of identifiers has, and numbers behind them: bounded memory, and the error names the
  /// number all the same.
  @Test func manyDifferentWords() throws {
    let words = (0..<3000).map { "id\($0)" }
    #expect(try fail(words + ["17"] + words).contains("t.csv:3002:"))
    #expect(try open(words).preprocessing.columns[1].width == 3000)
    #expect(try fail((0..<70_000).map { "id\($0)" }).contains("more than 65536 different values"))
    // Numbers may be as many as there are.
    #expect(try open((0..<70_000).map { "\($0)" }).preprocessing.columns[1].width == 1)
    #expect(
      try fail(["word"] + (0..<70_000).map { "\($0)" }).contains("t.csv:2:3: column \"the, column\": found \"word\""))
  }

  @Test func namesOfColumnsAndCategoriesAreToldApartByTheirBytes() throws {
    for (a, b) in lookAlikes {
      try withTemporaryFolder { folder in
        try write("\(a),\(b),c,y\n1,2,\(a),\(b)\n3,4,\(b),\(a)\n5,6,\(a),\(a)\n", to: "\(folder)/t.csv")
        let (data, inputs, targets) = try training(.csv("\(folder)/t.csv"))
        let names = data.preprocessing.columns.map { Array(($0.name ?? "").utf8) }
        #expect(names == [Array(a.utf8), Array(b.utf8), Array("c".utf8)])
        let isFirst = a.utf8.lexicographicallyPrecedes(b.utf8)
        #expect(
          inputs == [
            [1, 2, isFirst ? 1 : 0, isFirst ? 0 : 1], [3, 4, isFirst ? 0 : 1, isFirst ? 1 : 0],
            [5, 6, isFirst ? 1 : 0, isFirst ? 0 : 1],
          ])
        #expect(targets == (isFirst ? [[1], [0], [0]] : [[0], [1], [1]]))
        // A reference finds the column with its bytes, and no other.
        for (name, other) in [(a, b), (b, a)] {
          let (_, inputs, _) = try training(
            .csv("\(folder)/t.csv") { ($0.ignored, $0.categorical) = ([.name(name)], [.name(other)]) })
          #expect(inputs[0].count == 5, "three categories of one, two of c")
          try write("\(other),y\n1,u\n2,v\n", to: "\(folder)/o.csv")
          let error = problem(.csv("\(folder)/o.csv", target: .name(name)))
          #expect(error.contains("found no column") && error.contains("code points differ"), "\(error)")
        }
      }
    }
  }
}
