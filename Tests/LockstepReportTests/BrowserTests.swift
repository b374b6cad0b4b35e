import LockstepConfiguration
import LockstepReport
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining
import TestSupport
import Testing

/// Every kind of page in a headless Chromium, light and dark, on a desk and on a phone: nothing is cut off or lies on
/// anything else, nothing is fetched.
@Suite("Pages in a browser", .enabled(if: Browser.isThere, Browser.excuse))
struct BrowserTests {
  @Test(arguments: Browser.Scheme.allCases)
  func everythingCanBeRead(scheme: Browser.Scheme) throws {
    let pages = try Self.pages()
    let (views, console) = try Browser.look(at: pages.map { ($0.name, $0.text) }, widths: [1280, 375], scheme: scheme)
    #expect(console == [])
    #expect(views.count == 2 * pages.count)
    for view in views {
      #expect(view.problems == [], "\(view.name), \(view.width) wide")
      let page = try #require(pages.first { $0.name == view.name })
      #expect(view.pictures >= page.pictures, "\(view.name): \(view)")
      #expect(page.pictures == 0 || view.shapes > 4 * page.pictures, "\(view.name): \(view)")
      #expect(view.background == (scheme == .dark ? "rgb(19, 21, 22)" : "rgb(252, 252, 251)"))
    }
  }

  /// A page with all that is wrong is found out, so that the test above says something.
  @Test func whatIsWrongIsFound() throws {
    let cut = LineChart(
      [.init(name: "", points: [(1, 1), (2, 2)])], xTitle: String(repeating: "wide ", count: 30), yTitle: "")
    let page = Page(
      title: "wrong", subtitle: "",
      content: [
        cut.svg, HTML.element("div", [("style", "width: 2000px")], text: "wide"),
        HTML.element("img", [("src", "http://localhost/picture.png")]),
        HTML.element("script", text: "document.title = 1"),
        HTML.element(
          "div", [("class", "scroll")],
          [
            .element(
              "table", [("class", "stacked"), ("style", "width: 900px")],
              [.element("tr", [], [.element("td", text: "long")])])
          ]),
        HTML.element(
          "svg", [("viewBox", "0 0 100 20"), ("aria-label", "pair")],
          [
            .element("text", [("x", "5"), ("y", "15")], text: "one"),
            .element("text", [("x", "7"), ("y", "15")], text: "two"),
          ]),
      ])
    let (views, console) = try Browser.look(at: [("wrong", page.text)], widths: [375], scheme: .light)
    let problems = try #require(views.first).problems.joined(separator: "\n")
    for words in [
      "is cut off", "the page is 20", "ends beyond the page", "\"two\" lies on \"one\"", "\"long\" scrolls",
    ] {
      #expect(problems.contains(words), "\(words) in \(problems)")
    }
    #expect(console.contains { $0.contains("picture.png") } && console.contains { $0.contains("script") })
  }

  // MARK: The pages

  private static func pages() throws -> [(name: String, text: String, pictures: Int)] {
    var pages: [(name: String, text: String, pictures: Int)] = []
    for (name, place, pictures) in try runs() { pages.append((name, try place.report, pictures)) }
    let finished = try RunPlace("name=\(String(repeating: "a", count: 100))")
    let attestation = try Attestation(of: Verification.Plan(finished.path))
    pages.append(("card", ModelCard(attestation, statement: "attestation.json").text(as: .html), 0))
    let configuration = try RunConfiguration(
      yaml: RunPlace.classification + "\ntraining: {batch_size: 32, shards: 4, threads: 1, steps: 200}",
      overrides: [ConfigurationOverride("name=\(String(repeating: "long", count: 25))")])
    let scaling = try ThreadScaling.measure(configuration, threads: [1, 2, 4], steps: 20)
    pages.append(("scale", scaling.report(for: configuration).text, 4))
    let sideBySide = ScalingComparison([("here", scaling), (String(repeating: "far", count: 20), scaling)])
    pages.append(("scale --compare", sideBySide.report().text, 5))
    let range = try LearningRateRange.measure(configuration, .init(from: 1e-5, to: 10, steps: 60))
    pages.append(("find-lr", range.report(for: configuration).text, 1))
    let diagnosis = try Diagnosis.measure(configuration, steps: 20)
    pages.append(
      (
        "diagnose",
        diagnosis.report(
          name: configuration.name, Prescription(advice: diagnosis.advice(for: configuration))
        ).text,
        3 + 14
      ))
    let deep = try RunConfiguration(
      yaml: RunPlace.classification.replacing("times: 3", with: "times: 100")
        + "\ntraining: {batch_size: 32, shards: 4, threads: 1, steps: 200}")
    pages.append(("diagnose, deep", try Diagnosis.measure(deep).report(name: "deep").text, 3 + 201))
    let plan = try Comparison.Plan(
      configuration,
      varying: [Variation("activation=relu,elu,selu"), Variation("optimizer.adam.learning_rate=0.001,0.01,0.1")],
      over: .folds(2), metric: nil)
    let place = try RunPlace(steps: 1)
    let comparison = try plan.run(in: place.path + "/trials") { _, _, _ in }
    pages.append(("compare", comparison.report(name: configuration.name).text, 3))
    let settings = [
      "optimizer.adam.learning_rate=log:1e-5..1", "optimizer.adam.beta1=0.5..0.99", "seed=1..100000",
      "activation=relu,elu,selu,tanh,{leaky_relu: {negative_slope: 0.2}},softplus",
    ]
    let searched = try Search.Plan(configuration, varying: settings.map { try Search.Setting($0) }, trials: 9)
    pages += try results()
    let folder = place.path + "/search"
    pages.append(("search", try searched.run(in: folder).report(name: configuration.name, folder: folder).text, 5))
    return pages
  }

  /// What models make of data, what they go by, and an index of runs, with names of any length.
  private static func results() throws -> [(name: String, text: String, pictures: Int)] {
    var pages: [(name: String, text: String, pictures: Int)] = []
    for (target, pictures) in [("classes", 4), ("labels", 4), ("numbers", 3)] {
      let table = try TablePlace(long: String(repeating: "_long", count: 12), learning: target)
      pages.append(("evaluate \(target)", try table.run.results().text, pictures))
      let path = try RunModel.checkpoint(at: table.run.path).path
      pages.append(("explain \(target)", try Explanation(checkpoint: path).report(on: "its validation data").text, 3))
    }
    let many = RunPlace.classification.replacing("classes: 3", with: "classes: 30").replacing(
      "units: 3", with: "units: 30")
    pages.append(("evaluate many", try RunPlace(task: many).results().text, 4))
    let folder = try ResultsReportTests.folderOfRuns()
    pages.append(("index", try RunIndex(folder.path).report().text, 0))
    return pages
  }

  /// Colours, long paths of layers, and many mistakes.
  private static let images = """
    data:
      train: {synthetic: {kind: textures, samples: 96, height: 28, width: 20, channels: 3, classes: 10}}
      validation: {synthetic: {kind: textures, samples: 60, height: 28, width: 20, channels: 3, classes: 10}}
    model: {layers: [{repeat: {times: 1, layers: [{conv2d: {filters: 70, kernel: 5}}, relu]}}, global_average_pool, {dense: {units: 10}}]}
    loss: softmax_cross_entropy
    optimizer: {adam: {learning_rate: 0.01}}
    """

  private static func runs() throws -> [(name: String, place: RunPlace, pictures: Int)] {
    let killed = try RunPlace("metrics.layers_every={steps: 1}", steps: 9)
    try killed.remove("summary.json")
    let long = try RunPlace()
    let lines = (1...20_000).map { step in
      "{\"event\":\"train\",\"step\":\(step * 1000),\"epoch\":0,\"loss\":\(step % 500 == 0 ? "null" : "\(1e9 / Double(step))"),\"learning_rate\":\(1e-7 * Double(step)),\"samples_per_second\":12345678.5}\n"
    }
    let restored =
      "{\"event\":\"restored\",\"step\":19900000,\"message\":\"\(String(repeating: "far ", count: 60))\"}\n"
    try long.write(lines.joined() + restored, to: "metrics.jsonl")
    return [
      ("run", try RunPlace("metrics.layers_every={steps: 2}", "name=\(String(repeating: "a", count: 100))"), 18),
      ("killed", killed, 16), ("long", long, 7),
      ("deep", try RunPlace("model.layers.0.repeat.times=40", "metrics.layers_every={steps: 4}"), 33),
      ("regression", try RunPlace(task: RunPlace.regression), 7),
      ("one step", try RunPlace(steps: 1), 7), ("images", try RunPlace(task: images), 6),
      ("diverged", try RunPlace("optimizer.sgd.learning_rate=1e18", task: RunPlace.regression), 2),
    ]
  }
}
