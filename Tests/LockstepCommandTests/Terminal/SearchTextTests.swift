import LockstepTraining
import Testing

@testable import LockstepCommand
@testable import LockstepRuns
@testable import LockstepStudies

/// What `search` prints: the best trials, what diverged, and how to go on.
@Suite struct SearchTextTests {
  private func search(_ trials: [(String, [Double?])], key: String = "optimizer.sgd.learning_rate") -> Search {
    let rungs = [Search.Rung(trials: trials.count, divisor: 3), Search.Rung(trials: 1, divisor: 1)]
    return Search(
      metric: .loss, strategy: .halving(), settings: [Search.Setting(key: key, domain: .uniform(0...1))], rungs: rungs,
      trials: trials.enumerated().map { index, trial in
        Search.Trial(
          number: index + 1, choices: [Comparison.Choice(key: key, value: trial.0)],
          results: trial.1.enumerated().map { place, value in
            Search.Result(
              steps: 500 * (2 * place + 1), metric: value, diverged: value == nil ? "step 7: not finite" : nil)
          })
      })
  }

  @Test func tableAndLine() {
    let text = SearchText.of(
      search([("0.5", [0.25]), ("0.1", [0.125, 0.0625]), ("0.9", [nil])]), name: "run", folder: "-s")
    #expect(
      text == """
        run: loss of 3 trials, the lowest first

        trial  sgd.learning_rate      loss  steps
        ─────  ─────────────────  ────────  ─────
            2                0.1   0.06250  1 500
            1                0.5    0.2500    500
            3                0.9  diverged    500

        3 trials for 1/3 of their steps, 1 to the end

        1 of 3 diverged:
        trial 3: step 7: not finite

        --set optimizer.sgd.learning_rate=0.1

        Trial 2 is the run -s/trial-0002. Its configuration trains anew by
        lockstep train ./-s/best.yaml
        """)
  }

  /// Ten are listed, and three messages; a key that no `--set` takes has no such line.
  @Test func manyTrials() {
    var many: [(String, [Double?])] = []
    for number in 0..<30 {
      let value = number < 20 ? Double(number + 1) : nil
      many.append(("\(number)", value == nil ? [nil] : [value, value]))
    }
    let text = SearchText.of(search(many, key: "activation"), name: "run", folder: "s", columns: 60)
    #expect(text.contains("… and 20 more\n") && text.contains("10 of 30 diverged:\n") && text.contains("… and 7 more"))
    #expect(!text.contains("--set") && text.contains("s/best.yaml"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 60 })
  }

  @Test func noneCameToItsEnd() {
    let text = SearchText.of(search([("1", [nil]), ("2", [nil])]), name: "run", folder: "s")
    #expect(text.contains("2 of 2 diverged") && !text.contains("best.yaml"))
  }
}
