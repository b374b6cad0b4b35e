import LockstepConfiguration
import LockstepResults
import LockstepRuns
import LockstepStudies
import TestSupport
import Testing

@testable import LockstepReport

@Suite("Pages of results")
struct ResultsReportTests {
  @Test func classesAreTold() throws {
    let place = try RunPlace()
    let text = try place.results().text
    for words in [
      "true ╲ predicted", "Receiver operating characteristic of each class against all others", "average precision",
      "expected calibration error (Guo et al. 2017)", "The worst samples", "feature 7", "precision",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    // Three curves, one of precision, one of reliability, and bars.
    #expect(text.ranges(of: "<svg class=\"chart\"").count == 4)
  }

  @Test func manyClassesAreBounded() throws {
    let task = RunPlace.classification.replacing("classes: 3", with: "classes: 30").replacing(
      "units: 3", with: "units: 30")
    let text = try RunPlace(task: task).results().text
    #expect(text.contains("pairs of classes those that are confused most"))
    #expect(text.contains("the 8 with the least area"))
  }

  /// Of many classes those that are ranked worst are drawn, the worst first.
  @Test func drawnCurvesAreTheWorst() throws {
    let task = RunPlace.classification.replacing("classes: 3", with: "classes: 12").replacing(
      "units: 3", with: "units: 12")
    let place = try RunPlace(task: task)
    let results = try ModelResults(checkpoint: RunModel.checkpoint(at: place.path).path)
    guard case .classes(let found) = results.outcome else { return #expect(Bool(false), "no classes") }
    let areas = found.classes.compactMap { $0.curves?.areaUnderROC }.sorted()
    #expect(areas.count == results.curveCount && areas.count > 8)
    #expect(results.drawnCurves.map(\.curves.areaUnderROC) == Array(areas.prefix(8)))
  }

  /// What standardising in float32 rounds off is no part of the data: what has eighths in the file has eighths.
  @Test func dataIsToldAsFilesHaveIt() throws {
    let place = try TablePlace()
    let results = try ModelResults(checkpoint: RunModel.checkpoint(at: place.run.path).path)
    var ends: [[Double]] = []
    for case .numbers(_, _, let least, let largest) in results.data.columns.map(\.content) {
      ends.append([least, largest])
    }
    #expect(ends.joined().allSatisfy { $0 * 8 == ($0 * 8).rounded() }, "\(ends)")
    #expect(ends.count == 2)
  }

  /// The figures of a single target stand in tiles on one page, and in a table on the other.
  @Test func figuresOfATargetAreToldOnce() throws {
    let place = try TablePlace(learning: "numbers")
    #expect(try !place.run.results().text.contains("<th>target</th>"))
    #expect(try place.run.report.contains("<th>target</th>"))
  }

  @Test func manySamplesAreBounded() throws {
    let place = try RunPlace(task: RunPlace.regression)
    let page = try place.results(
      on: "{synthetic: {kind: friedman, samples: 40000, features: 8, targets: 1, split: test}}")
    #expect(page.text.contains("500 of 40\u{A0}000 samples, evenly apart"))
    #expect(page.text.utf8.count < 300_000)
    #expect(page.text.ranges(of: "<circle ").count <= 1010)
  }

  @Test func runTellsResultsOfItsValidationData() throws {
    let place = try RunPlace("checkpoint.keep_best={metric: loss}")
    let text = try place.report
    #expect(text.contains("<h2>Results</h2>") && text.contains("true ╲ predicted"))
    #expect(text.contains("The validation data"))
    #expect(try !RunPlace(task: RunPlace.regression).report.contains("<h2>Results</h2>"))
  }

  @Test func goneDataIsSaidToBeGone() throws {
    let place = try TablePlace()
    #expect(try place.run.report.contains("samples of each category"))
    try place.run.remove("../\(place.table)")
    let text = try place.run.report
    #expect(text.contains("They are left out: ") && text.contains("the data of its run cannot be read"))
  }

  @Test func worstSamplesHaveTheCellsOfTheirRows() throws {
    let place = try TablePlace()
    let path = try RunModel.checkpoint(at: place.run.path).path
    let results = try ModelResults(checkpoint: path)
    let lines = place.text.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
    #expect(results.worst.count == 12)
    for sample in results.worst {
      let row = try #require(sample.row)
      #expect(sample.cells == Array(lines[row].dropLast()) && sample.truth == lines[row].last)
    }
    // A part of the file, so that numbers of samples are not those of rows.
    #expect(results.worst.contains { $0.row != $0.number })
  }

  /// What has a dot and many digits is shortened; names, numbers of things and what is short stand as in the file.
  @Test(arguments: [
    ("0.004572166603000912", "0.0045722"), ("-0.020044708782887707", "−0.020045"), ("123456.789012", "123457"),
    ("1234567890123", "1234567890123"), ("12.5", "12.5"), ("version 1.2.3", "version 1.2.3"), ("", ""),
  ])
  func cellsAreReadable(text: String, shown: String) {
    #expect(ModelResults.cell(text) == shown)
  }

  // MARK: Explanations

  @Test func explanationHasColumnsAndCurves() throws {
    let place = try TablePlace()
    let path = try RunModel.checkpoint(at: place.run.path).path
    let text = try Explanation(checkpoint: path).report(on: "the run's validation data").text
    #expect(text.contains("drop of accuracy") && text.contains(Explanation.caveat))
    #expect(text.ranges(of: "<svg class=\"chart\"").count == 3)
  }

  /// Targets have units of their own, and so pictures.
  @Test func everyTargetHasAnAxisOfItsOwn() throws {
    let task = RunPlace.regression.replacing("friedman", with: "teacher").replacing("targets: 1", with: "targets: 2")
      .replacing("units: 1}", with: "units: 2}")
    let place = try RunPlace(task: task)
    let path = try RunModel.checkpoint(at: place.path).path
    let data = try TrainedModel.source(
      "{synthetic: {kind: teacher, samples: 60, features: 8, targets: 2, split: test}}", label: "--data",
      checkpoint: path)
    let text = try Explanation(checkpoint: path, on: data).report(on: "others").text
    #expect(text.ranges(of: "<svg class=\"chart\"").count == 6 * 2)
  }

  // MARK: An index of runs

  @Test func indexLinksToPages() throws {
    let folder = try Self.folderOfRuns()
    let text = try RunIndex(folder.path).report().text
    #expect(text.contains("href=\"./b%20%26%20c/report.html\""))
    #expect(!text.contains("href=\"./a/report.html\""))
    for words in ["finished", "diverged", "12 of 12", "<h2>Runs</h2>"] { #expect(text.contains(words), "\(words)") }
    #expect(throws: RunError.self) { try RunIndex("\(folder.path)/a/checkpoints") }
  }

  /// Two runs side by side, one with a page.
  static func folderOfRuns() throws -> RunPlace {
    let folder = try RunPlace(steps: 1)
    try folder.train("a", "optimizer.sgd.learning_rate=1e18", task: RunPlace.regression)
    try folder.train("b & c")
    try folder.write("<html></html>", to: "b & c/report.html")
    return folder
  }

  // MARK: Curves

  @Test func bestStepAndRateAreShownAsTheyAre() throws {
    let text = try RunPlace("schedule={cosine: {end: 0.001}}").report
    #expect(text.contains(">best</text>") && text.contains("a gap of "))
    let rate = try #require(text.firstMatch(of: /Learning rate<\/figcaption>.*?<\/figure>/)?.output)
    // An axis that begins at 0.
    #expect(rate.contains(">0</text>"))
  }

  @Test func divergedRunNamesItsRate() throws {
    let text = try RunPlace("optimizer.sgd.learning_rate=1e18", task: RunPlace.regression).report
    #expect(text.contains("Before it diverged") && text.contains("1.000e18"))
  }
}
