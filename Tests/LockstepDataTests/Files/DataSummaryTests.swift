import TestSupport
import Testing

@testable import LockstepData

/// What `train` and `check` say of how files were read.
@Suite("What is said of data") struct DataSummaryTests {
  private func summary(
    _ text: String, kind: TargetKind = .classes, split: DataSplit? = nil, standardize: Bool = false,
    missing: Bool = false,
    _ change: (inout FileData.Description) -> Void = { _ in }
  ) throws -> DataSummary {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      var description = FileData.Description.csv(
        "\(folder)/t.csv", kind: kind, split: split, standardize: standardize, missing: missing)
      change(&description)
      return try #require(try FileData(opening: description).contents.summary)
    }
  }

  private func table(_ header: String, rows: Int = 40, _ row: (Int) -> String) -> String {
    header + "\n" + (0..<rows).map { row($0) + "\n" }.joined()
  }

  private func change(_ change: @escaping (inout CSVSource) -> Void) -> (inout FileData.Description) -> Void {
    { description in
      guard case .csv(var source) = description.train else { return }
      change(&source)
      description.train = .csv(source)
    }
  }

  @Test func rowsNumbersCategoriesInputsAndTarget() throws {
    let text = table("id,a,b,c,d,y") {
      "\($0),\($0 % 9),\($0 * $0),\(["u", "v", "w"][$0 % 3]),\(["x", "y"][$0 % 2]),\($0 % 4)"
    }
    let data = try summary(text, split: .share(0.25, seed: 1), standardize: true, change { $0.ignored = [.name("id")] })
    let all = data.lines.joined(separator: "\n")
    for words in [
      "40 rows", "10 of them to validate", "2 numbers", "standardised", "2 columns of categories", "c 3", "d 2",
      "7 inputs", "target \"y\": 4 classes", "0, 1, 2, 3", "not looked at: \"id\"",
    ] {
      #expect(all.contains(words), "no \(words) in \(all)")
    }
    #expect(data.warnings == [])
    let numbers = try summary(
      table("a,y,z") { "\($0),\($0 * 3 % 7),\($0 * 5 % 11)" }, kind: .numbers,
      change { $0.targets = [.name("y"), .name("z")] })
    #expect(numbers.lines.joined().contains("targets \"y\", \"z\": 2 numbers") && numbers.warnings == [])
  }

  /// Every warning appears where it should, names its column, and says what to do.
  @Test(arguments: [
    (",a,y", "{i},{m},{c}", ["column 0", "no name", "ignore: [0]"]),
    ("Unnamed: 0,a,y", "{i},{m},{c}", ["column 0", "ignore: [0]"]),
    ("a,\"\",y", "{m},{i},{c}", ["column 1", "ignore: [1]"]),
    ("a,name,y", "{m},person {i},{c}", ["column \"name\"", "40 different words in 40 rows", "ignore: [name]"]),
    ("a,when,y", "{m},2020-01-02 12:{i},{c}", ["column \"when\"", "dates", "ignore: [when]"]),
    ("a,k,y", "{m},7,{c}", ["column \"k\"", "same value", "ignore"]),
    ("a,k,y", "{m},q,{c}", ["column \"k\"", "same value", "ignore"]),
    ("a,t,y", "{m},{t},{c}", ["column \"t\"", "float32", "standardize: true"]),
  ])
  func warnings(header: String, row: String, words: [String]) throws {
    let text = table(header) { index in
      row.replacing("{i}", with: "\(index + 10)").replacing("{m}", with: "\(index * 7 % 11)").replacing(
        "{c}", with: "\(index / 2 % 2)"
      )
      // A time in seconds, of which float32 tells only every third or so from the next.
      .replacing("{t}", with: "\(1_700_000_000 + 50 * index)")
    }
    let warnings = try summary(text).warnings
    #expect(warnings.count == 1, "\(warnings)")
    for word in words { #expect(warnings.first?.contains(word) == true, "no \(word) in \(warnings)") }
    // In Double no two of them are one.
    if header == "a,t,y" { #expect(try summary(text, standardize: true).warnings == []) }
  }

  @Test func numbersAsNames() throws {
    let text = (0..<30).map { "\($0 * 7 % 11),\($0 % 5 + 20),\($0 % 3 + 1)\n" }.joined()
    let found = try summary(text, change { $0.targets = [.index(-1)] })
    #expect(
      found.warnings.count == 1 && found.warnings[0].contains("header: false") && found.warnings[0].contains("line 1"))
    let without = try summary(text, change { ($0.targets, $0.hasHeader) = ([.index(-1)], false) })
    #expect(without.warnings == [] && without.lines[0].contains("30 rows"))
    // Years beside a name are names.
    #expect(try summary(table("2020,b,y") { "\($0 * 7 % 11),\($0 * 3 % 5),\($0 % 2)" }).warnings == [])
  }

  /// A class that one part has not: of either part, with its name.
  @Test func classesOfOnePart() throws {
    let text = table("a,y", rows: 20) { "\($0 * 7 % 11),\($0 == 3 ? "first" : $0 == 19 ? "final" : "usual")" }
    let warnings = try summary(text, split: .share(0.25, seed: 1, by: .last)).warnings
    #expect(warnings.count == 2)
    #expect(warnings.contains { $0.contains("training part") && $0.contains("final") })
    #expect(warnings.contains { $0.contains("validation part") && $0.contains("first") })
    #expect(
      try summary(table("a,y", rows: 20) { "\($0 * 7 % 11),\($0 % 3)" }, split: .share(0.25, seed: 1)).warnings == [])
    #expect(try summary(text).warnings == [])
  }

  /// Ordinary columns, and no word about them.
  @Test(arguments: [
    // It counts, but it has a name; it has none, but does not count.
    ("day,y", "{i},{c}"), (",y", "{m},{c}"),
    // Words of which most come again; a word for nothing.
    ("a,w,y", "{m},w{m},{c}"), ("a,w,y", "{m},{w},{c}"),
    // Two values, one of them rare; decimals; both signs; great numbers that float32 holds.
    ("a,b,y", "{m},{r},{c}"), ("a,b,y", "{m},{i}.25,{c}"), ("a,b,y", "{m},-{i}e-12,{c}"),
    ("a,b,y", "{m},{i}000000,{c}"),
    ("a,b,y", "{m},160{i},{c}"),
  ])
  func nothingIsSaid(header: String, row: String) throws {
    let text = table(header) { index in
      row.replacing("{i}", with: "\(index + 10)").replacing("{m}", with: "\(index * 7 % 11)").replacing(
        "{c}", with: "\(index / 2 % 2)"
      )
      .replacing("{w}", with: index % 2 == 0 ? "" : "w\(index % 8)").replacing("{r}", with: index == 5 ? "1" : "0")
    }
    #expect(try summary(text, missing: true).warnings == [])
    #expect(try summary(text, standardize: true, missing: true).warnings == [])
  }

  /// Of hundreds of columns a few are named, and how many more there are is said.
  @Test func manyWarnings() throws {
    let names = (0..<100).map { "k\($0)" }.joined(separator: ",")
    let text = table("a,\(names),y") { index in
      "\(index * 7 % 11)," + String(repeating: "0,", count: 100) + "\(index % 2)"
    }
    let warnings = try summary(text).warnings
    #expect(warnings.count < 12 && warnings.last?.contains("more") == true, "\(warnings)")
  }

  /// A name that holds what a terminal obeys is shown, not obeyed.
  @Test func namesAreNotObeyed() throws {
    let data = try summary(table("\"\u{1B}[31mred\",y") { "\($0 % 2 == 0 ? "\u{1B}]0;x\u{7}" : "u"),\($0 / 2 % 2)" })
    for line in data.lines + data.warnings { #expect(!line.contains("\u{1B}") && !line.contains("\u{7}"), "\(line)") }
  }
}
