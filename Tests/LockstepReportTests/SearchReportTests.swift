import LockstepReport
import LockstepTraining
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// The page of `search`: every trial is on it, in every picture.
@Suite struct SearchReportTests {
  private static let settings = [
    Search.Setting(key: "optimizer.adam.learning_rate", domain: .logUniform(1e-4...1e-1)),
    Search.Setting(key: "model.layers.0.dense.units", domain: .uniform(8...64)),
    Search.Setting(key: "activation", domain: .choices(["relu", "{elu: {alpha: 2}}"])),
  ]

  private func search(_ metrics: [[Double?]]) -> Search {
    let trials = metrics.enumerated().map { index, values in
      Search.Trial(
        number: index + 1,
        choices: zip(Self.settings, ["0.001", "\(8 + index)", index % 2 == 0 ? "relu" : "{elu: {alpha: 2}}"]).map {
          Comparison.Choice(key: $0.key, value: $1)
        },
        results: values.enumerated().map { place, value in
          Search.Result(steps: place == 0 ? 100 : 300, metric: value, diverged: value == nil ? "step 9: <far>" : nil)
        })
    }
    return Search(
      metric: .loss, strategy: .halving(), settings: Self.settings,
      rungs: [Search.Rung(trials: metrics.count, divisor: 3), Search.Rung(trials: 1, divisor: 1)], trials: trials)
  }

  @Test func everyTrialIsThere() throws {
    let page = search([[0.5], [0.4, 0.25], [0.75], [nil]]).report(name: "tiny", folder: "runs/s")
    let parsed = ParsedPage(page.text)
    #expect(parsed.problem == nil && parsed.charts == 4)
    let text = page.text.replacing("&#39;", with: "'")
    for words in [
      "trial 2: loss 0.2500", "runs/s/trial-0002", "runs/s/best.yaml", "4 trials for 1/3 of their steps, 1 to the end",
      "Trial 4, adam.learning_rate 0.001, dense.units 11, activation {elu: {alpha: 2}}: step 9: &lt;far&gt;",
      "aria-label=\"adam.learning_rate, dense.units, activation and loss of 4 trials\"",
      "aria-label=\"loss over dense.units: 1/3, to the end\"",
      "trial 2: adam.learning_rate 0.001, dense.units 9, activation {elu: {alpha: 2}}: loss 0.2500 at step 300",
      "\"dense.units 8: 1/3 0.5\"", "\"activation {elu: {alpha: 2}}: to the end 0.25\"",
      "<td class=\"number\">diverged</td>",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(text.matches(of: /class="row best"/).count == 1 && text.matches(of: /class="row rest"/).count == 1)
    #expect(text.matches(of: /class="row bad"/).count == 1 && text.matches(of: /class="row good"/).count == 1)
    // A key that changes all layers has no --set.
    #expect(!text.contains("--set"))
  }

  /// Places by hand, of 234 units; 8 … 64 has ticks from 0 to 60 and an axis to 64.
  @Test func parallelAxes() {
    let axes = [
      ParallelCoordinates.Axis("a", Scale(.whole, holding: [0, 10])),
      ParallelCoordinates.Axis("b", Scale(.named(["x", "y"]), holding: [])),
      ParallelCoordinates.Axis("c", Scale(.linear, holding: [0, 1])),
    ]
    let chart = ParallelCoordinates(
      axes,
      [
        .init([0, 0, 1], .best, words: "one"), .init([10, 1, nil], .bad, words: "two"),
        .init([5, 0, 0.5], .rest, words: "three"),
      ], title: "three")
    let paths = chart.svg.markup.matches(of: /\sd="([^"]*)"/).map { String($0.1) }
    let heights = paths.map { path in path.matches(of: /[ML][\d.]+ ([\d.]+)/).compactMap { Double($0.1) } }
    // What is bad is drawn first, the best over all others.
    #expect(heights == [[0, 58.5], [117, 175.5, 117], [234, 175.5, 0]])
    // By keyboard from the one that ends highest to the lowest; a pointer is told by the lines.
    let page = ParsedPage(chart.svg.markup)
    #expect(page.attributes["aria-label"]?.suffix(3) == ["one", "two", "three"])
    #expect(page.attributes["class"]?.contains("points rows keys") == true)
  }

  @Test func noneCameToItsEnd() {
    let page = search([[nil], [nil]]).report(name: "tiny", folder: "s")
    #expect(ParsedPage(page.text).problem == nil && page.text.contains("no trial came to its end"))
  }
}
