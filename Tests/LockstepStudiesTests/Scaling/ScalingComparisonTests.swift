import LockstepFormats
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// Results are read as they were written, also those of earlier versions, and told side by side.
@Suite struct ScalingComparisonTests {
  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryFolder { folder in
      for isWeak in [false, true] {
        let measured = try ThreadScaling.measure(
          tinyRun("training.drop_last=true"), threads: [2, 1], steps: 12, isWeak: isWeak)
        let path = "\(folder)/one.json"
        try JSONFile.write(measured.json, to: path)
        let read = try ThreadScaling(file: path)
        #expect(read.json == measured.json && read.rows == measured.rows && read.cells == measured.cells)
        #expect(read.rows.map(\.batch) == (isWeak ? [64, 32] : [32, 32]))
        #expect(read.sentences == measured.sentences && read.title == measured.title)
      }
    }
  }

  /// As version 0.1 wrote it before there were names and cores.
  private func text(_ rates: [(Int, Double)], digest: String = "d") -> String {
    let rows = rates.map { threads, rate in
      """
      {"threads": \(threads), "samples_per_second": \(rate), "speed_up": \(rate / rates[0].1), "efficiency": 0.5,
       "ceiling_samples_per_second": 1e6, "ceiling_share": 0.1, "ideal_ceiling_share": 0.1,
       "phases": {"load": 0.25, "wait": 0.75}, "weights_digest": "\(digest)"}
      """
    }
    return """
      {"reference_threads": 1, "steps": 60, "batch": 512, "shards": 8, "ideal_ceiling_samples_per_second": 1e6,
       "digests_agree": true, "rows": [\(rows.joined(separator: ", "))]}
      """
  }

  @Test func sideBySide() throws {
    try withTemporaryFolder { folder in
      let (here, there) = ("\(folder)/here.json", "\(folder)/there.json")
      try ResultFile.write(text([(1, 1000), (2, 1900)]), to: here)
      try ResultFile.write(text([(1, 1500), (4, 4750), (8, 4000)]), to: there)
      let comparison = try ScalingComparison(files: [here, there])
      #expect(comparison.header == ["threads", "here", "speed-up", "there", "speed-up"])
      #expect(
        comparison.cells == [
          ["1", "1 000", "1.00 ×", "1 500", "1.00 ×"], ["2", "1 900", "1.90 ×", "", ""],
          ["4", "", "", "4 750", "3.17 ×"], ["8", "", "", "4 000", "2.67 ×"],
        ])
      #expect(
        comparison.facts.map(\.1) == Array(repeating: "60 steps of 512 samples in 8 shards, best of 3 turns", count: 2))
      #expect(comparison.sentences[0] == "The fastest is there, on 4 threads: 2.50 × here on 2.")
      // T(1) = 1 / 1000, T(2) = 1 / 1900.
      #expect(comparison.sentences[1] == "here: 5.3 % of a step cannot be shared.")
      #expect(comparison.sentences.last == "The same bits on all of them: weights digest d")
      try ResultFile.write(text([(1, 1)], digest: "e"), to: there)
      #expect(try ScalingComparison(files: [here, there]).sentences.last?.hasPrefix("The bits differ") == true)
      let json = try ScalingComparison(files: [here, there]).json["results"]?.array
      #expect(json?.map { $0.object?["name"]?.string } == ["here", "there"])
    }
  }

  /// What rests on a busy machine, or on other trainings, is not said; bits that differ on one machine are.
  @Test func whatIsNotSaid() throws {
    try withTemporaryFolder { folder in
      let (here, there) = ("\(folder)/here.json", "\(folder)/there.json")
      try ResultFile.write(text([(1, 1000), (2, 1900)]), to: here)
      // Faster than its products alone.
      let results = [here, there]
      try ResultFile.write(text([(1, 1500), (2, 2_000_000)]), to: there)
      var comparison = try ScalingComparison(files: results)
      #expect(comparison.results[1].scaling.isBusy)
      #expect(comparison.sentences.map { $0.prefix(5) } == ["here:", "The s"], "\(comparison.sentences)")
      #expect(comparison.cells[1] == ["2", "1 900", "1.90 ×", "! 2 000 000", "1333.33 ×"])
      #expect(comparison.facts.last?.0 == "!")
      // Of another batch.
      try ResultFile.write(text([(1, 1500)]).replacing("\"batch\": 512", with: "\"batch\": 256"), to: there)
      #expect(try ScalingComparison(files: results).sentences == ["here: 5.3 % of a step cannot be shared."])
      // One row has other bits than the rest.
      let broken = text([(1, 1500), (2, 1600)]).replacing("\"d\"", with: "\"e\"", maxReplacements: 1)
      try ResultFile.write(broken, to: there)
      comparison = try ScalingComparison(files: results)
      #expect(comparison.sentences.last?.hasPrefix("there: DIFFERENT BITS on one machine") == true, "\(comparison)")
    }
  }

  @Test func whatIsNoResultIsRefused() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.json"
      func refusal() -> String? {
        do { _ = try ThreadScaling(file: path) } catch { return "\(error)" }
        return nil
      }
      #expect(refusal() == "\(path): found no such file, expected the figures of lockstep scale --json")
      let good = text([(1, 1000)])
      for bad in [
        "", "{}", "[1]", good.replacing("\"threads\": 1", with: "\"threads\": 0"), good.replacing("1000.0", with: "-1"),
        good.replacing("\"rows\"", with: "\"columns\""),
        good.replacing("\"batch\": 512", with: "\"batch\": 9223372036854775807"),
        good.replacing("1000.0", with: "1e300"),
        text([(1, 5), (1, 6)]), String(good.dropLast()),
      ] {
        try ResultFile.write(bad, to: path)
        #expect(refusal() == "\(path): found something else, expected the figures of lockstep scale --json", "\(bad)")
      }
    }
  }
}
