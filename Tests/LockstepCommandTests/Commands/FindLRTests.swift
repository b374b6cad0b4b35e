import Foundation
import TestSupport
import Testing

@testable import LockstepCommand

@Suite("find-lr")
struct FindLRTests {
  @Test func figuresAreTheSameBytesOnEveryThreadCount() throws {
    let place = try Place()
    var (texts, outputs): ([Data], [String]) = ([], [])
    for threads in [1, 2, 3] {
      let outcome = try place.succeed(
        "find-lr", "config.yaml", "--threads", "\(threads)", "--json", "lr.json", "--report", "lr.html", "--quiet")
      #expect(outcome.errors == "")
      outputs.append(outcome.output)
      texts.append(try place.read("lr.json"))
    }
    #expect(Set(texts).count == 1 && Set(outputs).count == 1)
    let json = try JSONSerialization.jsonObject(with: texts[0]) as? [String: Any] ?? [:]
    let points = json["points"] as? [[String: Double]] ?? []
    // Up to the last digit the rates are those of the schedule.
    for (step, point) in points.enumerated() {
      let rate = try #require(point["learning_rate"])
      #expect(abs(rate / (1e-7 * pow(1e8, Double(step) / 99)) - 1) < 1e-13)
    }
    #expect(json["judgement"] as? String == "found" && json["configured"] as? Double == 0.01)
    let set = try #require(json["set"] as? String)
    #expect(outputs[0].contains("\n--set \(set)\n") && set.hasPrefix("optimizer.adam.learning_rate="))
    for line in outputs[0].split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    // Nothing else was written, and the line to set is one that train takes.
    #expect(try place.bytes().keys.sorted() == ["config.yaml", "lr.html", "lr.json"])
    try place.succeed("check", "config.yaml", "--set", set)
    let page = try String(decoding: place.read("lr.html"), as: UTF8.self)
    #expect(page.contains(set) && page.contains("<svg"))
  }

  @Test func curvesThatShowNothingAreExplained() throws {
    let place = try Place()
    let flat = try place.succeed("find-lr", "config.yaml", "--from", "1e-12", "--to", "1e-10").output
      .replacing("\n", with: " ")
    #expect(flat.contains("The curve shows nothing") && flat.contains("larger --to") && !flat.contains("--set"))
    let wild = try place.succeed("find-lr", "config.yaml", "--from", "1e4", "--to", "1e9").output
      .replacing("\n", with: " ")
    #expect(wild.contains("The curve shows nothing") && wild.contains("Begin lower: --from 10"), "\(wild)")
  }

  @Test(arguments: [
    (["--from", "0"], ["--from 0.0: expected a learning rate from 1e-30"]),
    (["--from", "nan"], ["--from nan: expected a learning rate"]), (["--to", "-1"], ["--to -1.0: expected"]),
    (["--from", "1", "--to", "0.5"], ["--to 0.5: expected more than --from 1.0"]),
    (["--steps", "19"], ["--steps 19: expected 20 … 1000000"]), (["--steps", "x"], ["'x' is invalid"]),
    (["--threads", "0"], ["--threads 0: expected at least 1"]),
    (["--report", "none/x.html"], ["--report none/x.html: there is no folder none"]),
    (["--json", "."], ["--json .: found a folder"]),
    (["--set", "training.shard=4"], ["training.shard: found an unknown key", "did you mean shards?"]),
  ])
  func badInputIsRefused(arguments: [String], words: [String]) throws {
    try Place().refuse(["find-lr", "config.yaml"] + arguments, words)
  }

  @Test func plotPutsPointsWhereTheyBelong() {
    let plot = TextPlot(
      series: [.init(mark: "o", points: [(0.001, 4), (0.1, 2), (10, 0), (10, 9), (100, 1)])],
      lines: [.init(mark: "│", x: 1), .init(mark: "┊", x: 1000)], x: 0.001...10, y: 0...4)
    let lines = plot.text(columns: 47, rows: 5).split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    // Numbers of four characters, a blank and the axis; 41 places for four decades.
    func column(_ line: Int, _ mark: Character) -> [Int] {
      lines[line].indices.filter { lines[line][$0] == mark && $0 > 3 }
    }
    let margin = 47 - 41
    #expect(lines.count == 7 && lines.allSatisfy { $0.count <= 47 })
    #expect(column(0, "o") == [margin])
    #expect(column(2, "o") == [margin + 20] && column(4, "o") == [margin + 40])
    #expect(column(0, "^") == [margin + 40])
    for line in 0..<5 { #expect(column(line, "│").contains(margin + 30)) }
    #expect(column(5, "┬") == [0, 10, 20, 30, 40].map { $0 + margin })
    #expect(String(lines[6]).split(separator: " ") == ["1e-3", "0.01", "0.1", "1", "10"])
  }
}
