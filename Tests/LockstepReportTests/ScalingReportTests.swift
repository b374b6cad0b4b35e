import LockstepConfiguration
import LockstepReport
import LockstepTraining
import RunSupport
import Testing

@testable import LockstepStudies

/// The pages of `scale`: what stands on them follows from the rows.
@Suite struct ScalingReportTests {
  private func scaling(_ threads: [Int], cores: Int) -> ThreadScaling {
    // A tenth cannot be shared.
    func rate(_ threads: Int) -> Double { 1000 / (0.1 + 0.9 / Double(threads)) }
    return ThreadScaling(
      rows: threads.map { count in
        let speedUp = rate(count) / rate(threads.min() ?? 1)
        return ThreadScaling.Row(
          threads: count, batch: 32, shards: 4, samplesPerSecond: rate(count), ceiling: 2 * rate(count),
          speedUp: speedUp, efficiency: speedUp / Double(count), teams: count,
          phases: [(.load, 0.25), (.differentiate, 0.5), (.wait, 0.25)], weightsDigest: "d")
      }, steps: 60, batch: 32, shards: 4, isWeak: false, idealCeiling: 1, name: "tiny", processor: "p", cores: cores,
      automaticThreads: 1)
  }

  @Test func speedUpBesideIdealAndLaw() throws {
    let page = scaling([4, 1, 2], cores: 2).report(for: try tinyRun())
    let parsed = ParsedPage(page.text)
    #expect(parsed.problem == nil && parsed.charts == 4)
    let markup = page.text
    // What a pointer is told, of lines and of bars.
    for words in [
      "threads 1: measured 1, ideal 1\"", "threads 4: measured 3.077, ideal 4\"",
      "2: load 25.0 %, differentiate 50.0 %",
      "4: load 25.0 %, differentiate 50.0 %, wait 25.0 %",
      "dotted: Amdahl's law with 10.0\u{A0}% that cannot be shared",
      ">2 cores<", ">auto<",
    ] {
      #expect(markup.replacing("&#39;", with: "'").contains(words), "\(words)")
    }
    // As on the page of a run: load is the first colour, wait the sixth, though four phases are between and three took
    // no time.
    #expect(markup.contains("<rect class=\"p0\"") && markup.contains("<rect class=\"p5\""))
    // Through two counts the law passes by itself.
    #expect(!scaling([1, 2], cores: 2).report(for: try tinyRun()).text.contains("dotted"))
    // Where no count lies beyond, there is nothing to mark.
    let within = scaling([1, 2, 4], cores: 8).report(for: try tinyRun()).text
    #expect(!within.contains(">8 cores<"))
    // From the left to the right, in whatever order they were asked for.
    #expect(scaling([1, 2, 4], cores: 2).report(for: try tinyRun()).text.contains(try #require(trace(markup))))
  }

  /// The first line of a page.
  private func trace(_ markup: String) -> String? {
    markup.firstMatch(of: /class="series s0" d="([^"]*)"/).map { String($0.1) }
  }

  @Test func machinesSideBySide() throws {
    let comparison = ScalingComparison([("here", scaling([1, 2], cores: 2)), ("there", scaling([1, 4], cores: 8))])
    let page = comparison.report()
    let parsed = ParsedPage(page.text)
    #expect(parsed.problem == nil && parsed.charts == 5)
    for words in [
      "threads 2: here 1.818, ideal 2\"", "threads 4: there 3.077, ideal 4\"", "\"4: load 25.0 %",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    // Those that begin with other counts have no ideal in common.
    let apart = ScalingComparison([("here", scaling([1, 2], cores: 2)), ("there", scaling([2, 4], cores: 8))])
    #expect(!apart.report().text.contains("ideal"))
  }
}
