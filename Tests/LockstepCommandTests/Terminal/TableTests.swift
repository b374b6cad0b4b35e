import LockstepFormats
import TestSupport
import Testing

@testable import LockstepCommand

/// Tables in the width of a terminal.
@Suite("Tables fit the terminal") struct TableTests {
  private let header = ["run", "status", "steps", "metric", "best"]
  private let rows = [
    ["runs/a-very-long-name-of-a-run-in-a-folder-of-many/first", "finished", "1 234 567", "accuracy", "0.9876"],
    ["runs/a-very-long-name-of-a-run-in-a-folder-of-many/second", "stopped_early", "12", "loss", "1.234e-5"],
  ]

  @Test func withoutATerminalNothingIsShortened() {
    let text = Table.text(header, rows, right: [2, 4])
    for cell in rows.joined() { #expect(text.contains(cell)) }
  }

  /// Numbers stay whole, words keep their ends, and what is left out is named.
  @Test(arguments: 20...140) func everyWidth(columns: Int) {
    let text = Table.text(header, rows, right: [2, 4], columns: columns, leastFirst: [3, 1, 2, 4])
    let lines = text.split(separator: "\n").map(String.init)
    for line in lines { #expect(Format.width(line) <= columns, "\(line)") }
    let flat = text.replacing("\n", with: " ")
    let hidden = flat.firstRange(of: "Not shown in this width: ").map { flat[$0.upperBound...] } ?? ""
    for (column, title) in header.enumerated() {
      let isHidden = hidden.contains(title)
      #expect(isHidden != lines[0].contains(title), "\(title) in \(text)")
      if !isHidden, [2, 4].contains(column) {
        for (row, line) in zip(rows, lines[2...]) { #expect(line.contains(row[column]), "\(line)") }
      }
    }
    #expect(lines[2].hasPrefix("runs/"))
    if columns >= 80 { #expect(hidden.isEmpty && lines[2].contains("/first  ") && lines[3].contains("/second  ")) }
    if columns == 40 { #expect(hidden.contains("metric") && !hidden.contains("best")) }
  }

  @Test func wideCharactersTakeTwoColumns() {
    #expect(
      [("abc", 3), ("東京", 4), ("é", 1), ("e\u{301}", 1), ("🙂", 2), ("한글", 4), ("ｱ", 1)].allSatisfy {
        Format.width($0) == $1
      })
    let text = Table.text(["city", "n"], [["東京", "1"], ["Bonn", "2"]], right: [1])
    #expect(text == "city  n\n────  ─\n東京  1\nBonn  2")
    for width in 1...12 {
      let short = Format.shortened("東京大阪名古屋", width)
      #expect(Format.width(short) <= width && short.contains("…"), "\(short)")
    }
    #expect(Format.shortened("abcdefghij", 5) == "ab…ij" && Format.shortened("abcde", 5) == "abcde")
  }

  @Test func valuesAreWrappedBesideTheirNames() {
    let rows = [("memory", "1 MiB weights, 2 MiB activations"), ("path", "runs/a/checkpoints/step-00000001")]
    #expect(Table.pairs(rows).split(separator: "\n").count == 2)
    #expect(
      Table.pairs(rows, columns: 30)
        == "memory  1 MiB weights, 2 MiB\n        activations\npath    runs/a/checkpoints/step-00000001")
  }
}
