import Foundation
import LockstepModel
import TestSupport
import Testing

@testable import LockstepCommand
@testable import LockstepRuns
@testable import LockstepTraining

@Suite("Progress")
struct ProgressTests {
  private func sums(_ loss: Double, right: Double = 16) -> LossSums {
    var sums = LossSums()
    (sums.count, sums.loss, sums.first) = (32, 32 * loss, right)
    return sums
  }

  private func progress(
    of target: Int = 2000, loss: Double? = 0.5, rate: Double? = 123_456, left: Double? = 75, ends: Bool = false
  ) -> RunProgress {
    RunProgress(
      target: target, stepsPerEpoch: 100, samplesPerSecond: rate, seconds: 12, secondsLeft: left, endsInterval: ends,
      loss: .softmaxCrossEntropy, sums: loss.map { sums($0) } ?? LossSums())
  }

  private func parts(step: Int, _ progress: RunProgress) -> [ProgressLine.Part] {
    ProgressLine.parts(step: step, epoch: (step - 1) / 100, progress)
  }

  @Test func lineSaysEpochStepLossRateAndTimeLeft() {
    #expect(
      parts(step: 150, progress()).map(\.text) == [
        "epoch 2/20", "step 150/2000", "loss 0.5000", "123 456 samples/s", "1:15 left",
      ])
    // The last epoch may not be whole.
    #expect(
      [1, 99, 100, 101, 1901, 1999, 2000].map { parts(step: 1, progress(of: $0))[0].text }
        == [1, 1, 1, 2, 20, 20, 20].map { "epoch 1/\($0)" })
    #expect(
      parts(step: 1, progress(loss: nil, rate: nil, left: nil)).map(\.text) == ["epoch 1/20", "step 1/2000"])
    #expect(
      parts(step: 1, progress(loss: .nan, rate: .infinity, left: .nan)).map(\.text)[2...] == [
        "loss nan", "inf samples/s", "? left",
      ])
  }

  @Test func lineFitsEveryWidth() {
    for columns in 0...140 {
      var line = ProgressLine()
      let text = line.text(parts(step: 150, progress()), columns: columns) { String(repeating: "▁", count: $0) }
      #expect(text.count <= columns)
      if columns >= 13 { #expect(text.contains("step 150/2000"), "\(columns)") }
      if columns >= 26 { #expect(text.contains("loss 0.5000"), "\(columns)") }
    }
  }

  /// Numbers that shrink do not move what stands beside them.
  @Test func barDoesNotJump() {
    var line = ProgressLine()
    let widths = [1000, 999, 2000, 5].map { step in
      line.text(parts(step: step, progress(left: step == 999 ? 50 : 75)), columns: 100) {
        String(repeating: "▁", count: $0)
      }.split(separator: "│")[0].count
    }
    #expect(Set(widths).count == 1)
  }

  // MARK: What is written

  private final class Written {
    var text = ""
    var seconds = 0.0
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
  }

  private func reporter(
    _ written: Written, columns: Int?, live: Bool = false, colored: Bool = false, validation: [String],
    training: [String] = ["loss", "accuracy"], quiet: Bool = false, verbose: Bool = false
  ) -> ProgressReporter {
    ProgressReporter(
      .init(
        training: training, validation: validation, watched: "accuracy", mode: .max, steps: 2000, stepsPerEpoch: 100,
        curve: LossCurve(steps: 2000), best: nil), quiet: quiet, tellsSaves: verbose,
      on: Screen(
        isLive: live, style: TextStyle(isColored: colored), columns: { columns }, now: { written.seconds },
        write: { written.text += $0 }))
  }

  private func interval(_ step: Int, loss: Double, _ validation: [(String, Double)] = []) -> RunEvent {
    .interval(
      RunInterval(
        step: step, epoch: (step - 1) / 100, validation: validation.map { (name: $0, value: $1) },
        progress: progress(loss: loss, ends: true)))
  }

  private func step(_ step: Int, loss: Double, ends: Bool = false) -> RunEvent {
    .step(
      StepResult(
        step: step, epoch: (step - 1) / 100, rows: 32, loss: loss, sums: LossSums(), learningRate: 0.1,
        gradientNorm: nil), progress(loss: loss, ends: ends))
  }

  @Test func aRowAnInterval() {
    let written = Written()
    let one = reporter(written, columns: 80, validation: ["loss", "accuracy"])
    one.observe(interval(100, loss: 0.5, [("loss", 0.25), ("accuracy", 0.75)]))
    one.observe(.saved(step: 50, path: "p", bytes: 1))
    one.observe(interval(200, loss: 1.25e-5))
    one.observe(.warning("the disk is nearly full"))
    #expect(
      written.text == """

                     ──── training ─────  ─── validation ────
        epoch  step       loss  accuracy       loss  accuracy     time     left
        ─────  ────  ─────────  ────────  ─────────  ────────  ───────  ───────
         1/20   100     0.5000    0.5000     0.2500    0.7500     12 s     1:15
         2/20   200   1.250e-5    0.5000                          12 s     1:15
        warning: the disk is nearly full

        """, "\(written.text)")
  }

  /// As many columns as have room, the least important ones left out first; in every width the rows stand under the
  /// header.
  @Test(arguments: [nil] + [20, 40, 60, 80, 120].map { $0 as Int? })
  func everyWidth(columns: Int?) {
    let written = Written()
    let names = ["loss", "accuracy", "roc_auc", "top_5_accuracy"]
    let one = reporter(written, columns: columns, validation: names)
    for step in [100, 200] { one.observe(interval(step, loss: 0.5, names.map { ($0, 0.25) })) }
    let lines = written.lines.filter { !$0.isEmpty }
    #expect(lines.count == 5)
    for line in lines { #expect(line.count <= columns ?? .max, "\(line)") }
    let rule = lines[2]
    for line in lines.dropFirst() {
      for (place, character) in line.enumerated() where character != " " && Array(rule)[place] == " " {
        Issue.record("\(line) is not in its columns")
      }
    }
    let titles = lines[1].split(separator: " ")
    switch columns {
    case nil, 120: #expect(titles.contains("AUC") && titles.contains("top-5") && titles.contains("left"))
    case 40: #expect(titles == ["step", "loss", "loss", "accuracy"])
    case 20: #expect(titles == ["step", "loss"])
    default: #expect(titles.contains("epoch") && titles.count { $0 == "loss" } == 2)
    }
  }

  /// 50 epochs, with or without a terminal: 50 rows, and few beside them.
  @Test(arguments: [true, false]) func rowsOfFiftyEpochs(live: Bool) {
    let written = Written()
    let one = reporter(written, columns: live ? 80 : nil, live: live, validation: ["loss", "accuracy"])
    for number in 1...500 {
      written.seconds += 0.5
      one.observe(step(number, loss: 1 / Double(number), ends: number % 10 == 0))
      if number % 10 == 0 { one.observe(interval(number, loss: 0.5, [("loss", 0.5), ("accuracy", 0.5)])) }
      if number % 7 == 0 { one.observe(.saved(step: number, path: "p", bytes: 1)) }
    }
    one.finish()
    let rows = written.lines.filter { $0.contains(/\d\/20 +\d+ +\d/) }
    #expect(rows.count == (live ? 50 : 53), "\(written.text)")
    #expect(written.text.contains("\u{1B}") == live && written.text.contains("\r") == live)
    #expect(written.text.hasSuffix(live ? "\u{1B}[K\n" : "\n\n"))
  }

  /// Within a long interval: dense at the start, then one in ten seconds.
  @Test func rowsWithinAnInterval() {
    let written = Written()
    let one = reporter(written, columns: nil, validation: [])
    func steps() -> [Int] {
      written.lines.compactMap { $0.firstMatch(of: /^ *\d+\/20 +(\d+)\s/).flatMap { Int($0.1) } }
    }
    for number in 1...1000 {
      one.observe(step(number, loss: 1))
      if number > 300 { written.seconds += 0.1 }
    }
    #expect(steps().prefix(8) == [1, 2, 5, 10, 20, 50, 100, 200])
    one.observe(interval(1000, loss: 1))
    let before = steps().count
    for number in 1001...1500 {
      written.seconds += 0.1
      one.observe(step(number, loss: 1))
    }
    #expect((4...5).contains(steps().count - before), "\(steps())")
  }

  @Test func theBestIsGreen() {
    let written = Written()
    let one = reporter(written, columns: 80, colored: true, validation: ["loss", "accuracy"])
    for (index, accuracy) in [0.5, 0.7, 0.6, .nan, 0.8].enumerated() {
      one.observe(interval(100 * (index + 1), loss: 1, [("loss", 1), ("accuracy", accuracy)]))
    }
    let green = written.lines.filter { $0.contains("\u{1B}[1;32m") }.compactMap {
      $0.firstMatch(of: /0\.[578]000\u{1B}/)
    }
    #expect(green.count == 3 && written.text.components(separatedBy: "\u{1B}[1;32m").count == 4)
  }

  @Test func quietIsQuiet() {
    let written = Written()
    let one = reporter(written, columns: 80, live: true, validation: [], quiet: true, verbose: true)
    written.seconds = 100
    for event in [step(1, loss: 1), interval(1, loss: 1), .saved(step: 1, path: "p", bytes: 1)] { one.observe(event) }
    one.finish()
    #expect(written.text == "")
    one.observe(.warning("w"))
    #expect(written.text == "warning: w\n")
  }

  @Test func whoWantsColours() {
    func isColored(_ isTerminal: Bool, _ variables: [String: String]) -> Bool {
      TextStyle(isTerminal: isTerminal) { variables[$0] }.isColored
    }
    #expect(isColored(true, [:]) && !isColored(false, [:]))
    #expect(
      !isColored(true, ["TERM": "dumb"]) && !isColored(true, ["NO_COLOR": "1"]) && isColored(true, ["NO_COLOR": ""]))
    for name in ["FORCE_COLOR", "CLICOLOR_FORCE"] {
      #expect(isColored(false, [name: "1"]) && !isColored(false, [name: "0"]))
      #expect(!isColored(true, [name: "1", "NO_COLOR": "1"]))
    }
  }

  @Test func elsewhereThanOnATerminalLinesArePlain() throws {
    let outcome = try Place().succeed("train", "config.yaml", "--output", "run")
    #expect(!outcome.errors.contains("\u{1B}") && !outcome.errors.contains("\r"))
    #expect(outcome.errors.contains(/\n +1\/3 +1 +\d/) && outcome.errors.contains(/\n +3\/3 +21 +\d/))
  }

  @Test func onATerminalABarIsDrawn() throws {
    let place = try Place(Configurations.long.replacing("steps: 4000", with: "steps: 3000"))
    for (columns, terminal) in [(80, "xterm"), (40, "xterm"), (120, "xterm"), (80, "dumb")] {
      let text = try PseudoTerminal.run(
        ["train", "config.yaml", "--output", "\(terminal)-\(columns)"], in: place.folder, columns: columns,
        terminal: terminal)
      let isLive = terminal != "dumb"
      #expect(text.contains("\u{1B}[K") == isLive, "\(terminal)")
      if columns == 80 { #expect(text.contains("█") == isLive, "\(terminal)") }
      if isLive {
        for line in text.split(separator: "\r\n") where line.contains("─") { #expect(line.count <= columns, "\(line)") }
      }
      // What is drawn over never fills the line, so nothing is left behind.
      for line in text.components(separatedBy: "\u{1B}[K").dropFirst() {
        #expect(line.prefix { !$0.isNewline && $0 != "\r" }.count < columns, "\(line)")
      }
    }
  }
}
