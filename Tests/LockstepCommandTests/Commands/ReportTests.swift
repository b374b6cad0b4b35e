import Foundation
import TestSupport
import Testing

/// `lockstep report` and `scale --report` as commands; what stands on the pages is tested with the module that makes
/// them.
@Suite("report")
struct ReportTests {
  @Test func pageStandsInTheFolderOrWhereItIsSaid() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    let before = try place.bytes()
    #expect(try place.succeed("report", "run").output == "run/report.html\n")
    #expect(try place.succeed("report", "run", "--output", "page.html").output == "page.html\n")
    let page = try String(decoding: place.read("page.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("<title>full</title>"))
    let digest = try #require(try place.summary("run")["weights_digest"] as? String)
    #expect(page.contains(digest))
    // Nothing else has changed, and the run can be gone on with.
    var after = try place.bytes()
    for name in ["run/report.html", "page.html"] { after[name] = nil }
    #expect(after == before)
    try place.succeed("report", "run")
    #expect(try place.succeed("resume", "run").output.contains("finished"))
  }

  /// The page is written anew while the run goes on, and loads itself again; the last does not.
  @Test func watchingEndsWithTheRun() throws {
    let place = try Place(Configurations.long)
    let training = try Tool.Running(["train", "config.yaml", "--output", "run", "--quiet"], in: place.folder)
    training.wait { (try? place.read("run/metrics.jsonl"))?.isEmpty == false }
    func page() -> String { (try? place.read("run/report.html")).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    let watching = try Tool.Running(["report", "run", "--watch", "--mlflow", "store"], in: place.folder)
    watching.wait { page().contains("http-equiv=\"refresh\"") }
    #expect(page().hasSuffix("</html>\n") && page().contains(">running<"))
    #expect(watching.isRunning)
    training.send(SIGTERM)
    #expect(training.outcome().status == 143)
    let outcome = watching.outcome()
    #expect(outcome.status == 0 && outcome.output == "run/report.html\n", "\(outcome)")
    #expect(page().hasSuffix("</html>\n") && page().contains("paused by a signal") && !page().contains("refresh"))
    #expect(try place.bytes().keys.contains { $0.hasPrefix("store/") && $0.hasSuffix("/lockstep.state") })
    // One that does not go on is written once.
    try place.succeed("report", "run", "--watch")
    #expect(!page().contains("refresh"))
  }

  /// A signal ends the watching, not the run; the page that stays is whole.
  @Test(arguments: [SIGINT, SIGTERM]) func watchingEndsByASignal(signal: Int32) throws {
    let place = try Place(Configurations.long)
    let training = try Tool.Running(["train", "config.yaml", "--output", "run", "--quiet"], in: place.folder)
    training.wait { (try? place.read("run/metrics.jsonl"))?.isEmpty == false }
    func page() -> String { (try? place.read("run/report.html")).map { String(decoding: $0, as: UTF8.self) } ?? "" }
    let watching = try Tool.Running(["report", "run", "--watch"], in: place.folder)
    watching.wait { page().contains("http-equiv=\"refresh\"") }
    watching.send(signal)
    #expect(watching.outcome().status == 128 + signal)
    #expect(page().hasSuffix("</html>\n") && !page().contains("refresh") && training.isRunning)
    training.send(SIGTERM)
    #expect(training.outcome().status == 143)
  }

  @Test func placesOfAStoreThatAreNone() throws {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.write("", to: "file")
    try place.refuse(["report", "run", "--mlflow", "file"], ["file: cannot create the folder"])
    try place.refuse(["report", "run", "--mlflow", ""], ["--mlflow: found an empty path"])
    try place.refuse(
      ["train", "config.yaml", "--output", "other", "--mlflow", "file/a", "--quiet"], ["file: cannot create the folder"]
    )
  }

  @Test func whatIsNoRunIsRefused() throws {
    let place = try Place()
    try place.refuse(["report", "nowhere", "--watch"], ["nowhere: not the folder of a run: there is no such folder"])
    try place.refuse(["report", "nowhere"], ["nowhere: not the folder of a run: there is no such folder"])
    try place.write("", to: "empty.txt")
    try place.refuse(["report", "empty.txt"], ["empty.txt: not the folder of a run: it is not a folder"])
    try place.refuse(["report", ""], ["the folder of the run: found an empty path"])
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet")
    try place.refuse(
      ["report", "run", "--output", "none/page.html"], ["--output none/page.html: there is no folder none"])
    try place.refuse(
      ["report", "run", "--output", "run"], ["--output run: found a folder, expected the path of a file"])
  }

  @Test func scalePageTellsWhatTheTerminalTells() throws {
    let place = try Place()
    let outcome = try place.succeed(
      "scale", "config.yaml", "--threads", "1,2", "--steps", "12", "--report", "scale.html", "--quiet")
    let page = try String(decoding: place.read("scale.html"), as: UTF8.self)
    // Every cell of the table on the terminal.
    let rows = outcome.output.split(separator: "\n").filter { $0.contains(" ×  ") }
    #expect(rows.count == 2)
    for row in rows {
      for cell in row.split(separator: "  ").map({ $0.trimmingCharacters(in: .whitespaces) }) where cell != "" {
        #expect(page.contains(">\(cell)<"), "\(cell)")
      }
    }
    try place.refuse(
      ["scale", "config.yaml", "--report", "none/x.html"], ["--report none/x.html: there is no folder none"])
  }
}
