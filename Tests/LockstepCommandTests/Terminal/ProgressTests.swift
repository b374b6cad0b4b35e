import Foundation
import LockstepModel
import TestSupport
import Testing

@testable import LockstepCommand
@testable import LockstepRuns
@testable import LockstepTraining

@Suite("Progress")
struct ProgressTests {
  private func parts(step: Int, of target: Int = 2000, loss: Double = 0.5, rate: Double? = 123_456, left: Double? = 75)
    -> [ProgressLine.Part]
  {
    let result = StepResult(
      step: step, epoch: (step - 1) / 100, rows: 32, loss: loss, sums: LossSums(), learningRate: 0.1, gradientNorm: nil)
    return ProgressLine.parts(
      result, RunProgress(target: target, stepsPerEpoch: 100, samplesPerSecond: rate, secondsLeft: left), loss: loss)
  }

  @Test func lineSaysEpochStepLossRateAndTimeLeft() {
    #expect(
      parts(step: 150).map(\.text) == ["epoch 2/20", "step 150/2000", "loss 0.5000", "123 456 samples/s", "1:15 left"])
    // The last epoch may not be whole.
    #expect(
      [1, 99, 100, 101, 1901, 1999, 2000].map { parts(step: 1, of: $0)[0].text }
        == [1, 1, 1, 2, 20, 20, 20].map { "epoch 1/\($0)" })
    #expect(parts(step: 1, rate: nil, left: nil).map(\.text) == ["epoch 1/20", "step 1/2000", "loss 0.5000"])
    #expect(
      parts(step: 1, loss: .nan, rate: .infinity, left: .nan).map(\.text)[2...] == [
        "loss nan", "inf samples/s", "? left",
      ])
  }

  @Test func lineFitsEveryWidth() {
    for columns in 0...140 {
      var line = ProgressLine()
      let text = line.text(parts(step: 150), share: 0.075, columns: columns)
      #expect(text.count <= columns)
      if columns >= 13 { #expect(text.contains("step 150/2000"), "\(columns)") }
      if columns >= 26 { #expect(text.contains("loss 0.5000"), "\(columns)") }
    }
  }

  /// Numbers that shrink do not move what stands beside them.
  @Test func barDoesNotJump() {
    var line = ProgressLine()
    let widths = [1000, 999, 2000, 5].map { step in
      line.text(parts(step: step, left: step == 999 ? 50 : 75), share: 0.5, columns: 100).split(separator: "│")[0].count
    }
    #expect(Set(widths).count == 1)
  }

  @Test func barShowsTheShare() {
    #expect(ProgressLine.bar(0, width: 4) == "│    │")
    #expect(ProgressLine.bar(0.5, width: 4) == "│██  │")
    #expect(ProgressLine.bar(0.53125, width: 4) == "│██▏ │")
    #expect(ProgressLine.bar(1, width: 4) == "│████│")
    for odd in [-1, 2, .nan, .infinity] { #expect(ProgressLine.bar(odd, width: 4).count == 6) }
  }

  @Test func elsewhereThanOnATerminalLinesArePlain() throws {
    let outcome = try Place().succeed("train", "config.yaml", "--output", "run")
    #expect(!outcome.errors.contains("\u{1B}") && !outcome.errors.contains("\r"))
    #expect(outcome.errors.contains("epoch 1/3  step 1/21  loss "))
    #expect(outcome.errors.contains("epoch 3/3  step 21/21  loss "))
  }

  @Test func onATerminalABarIsDrawn() throws {
    let place = try Place(Configurations.long.replacing("steps: 4000", with: "steps: 300"))
    for (columns, terminal) in [(80, "xterm"), (24, "xterm"), (80, "dumb")] {
      let text = try PseudoTerminal.run(
        ["train", "config.yaml", "--output", "\(terminal)-\(columns)"], in: place.folder, columns: columns,
        terminal: terminal)
      let isLive = terminal != "dumb"
      #expect(text.contains("\u{1B}[K") == isLive, "\(terminal)")
      if columns == 80 { #expect(text.contains("█") == isLive, "\(terminal)") }
      // What is drawn over never fills the line, so nothing is left behind.
      for line in text.split(separator: "\r").filter({ $0.hasSuffix("\u{1B}[K") }) {
        #expect(line.count - 3 < columns, "\(line)")
      }
    }
  }
}
