import Dispatch
import Foundation
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite("Metrics log")
struct MetricsLogTests {
  @Test func linesAreWrittenInOrder() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let log = try MetricsLog(path)
      try log.append(event: "train", step: 1, ["loss": 0.25, "rate": 1e-6, "norm": .number(.infinity)])
      try log.append(event: "note", step: 1)
      try log.synchronize()
      let text =
        "{\"event\":\"train\",\"step\":1,\"loss\":0.25,\"rate\":1e-06,\"norm\":null}\n{\"event\":\"note\",\"step\":1}\n"
      #expect(try bytes(of: path) == Array(text.utf8))
      // Opened again, it goes on.
      try MetricsLog(path).append(event: "train", step: 2, ["loss": 0.125])
      let lines = try MetricsLog.lines(path)
      #expect(lines.map(\.step) == [1, 1, 2])
      #expect(lines.map(\.event) == ["train", "note", "train"])
      #expect(lines[2].values["loss"]?.number == 0.125)
    }
  }

  /// After a failure to synchronize: another file, the same lines, and those that are added meanwhile.
  @Test func renewedItLosesNoLine() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let log = try MetricsLog(path)
      try log.append(event: "train", step: 0)
      let former = try FileDescriptor.reading(path)
      let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
      DispatchQueue.concurrentPerform(iterations: 2) { thread in
        for step in 1...200 {
          #expect(throws: Never.self) { try thread == 0 ? log.append(event: "train", step: step) : log.renew() }
        }
      }
      try log.append(event: "train", step: 201)
      try log.synchronize()
      #expect(try MetricsLog.lines(path).map(\.step) == Array(0...201))
      // As long as the former file is open, no other has its number.
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int != number)
      #expect(try former.size > 0)
      #expect(try Folder.names(in: folder) == ["metrics.jsonl"])
    }
  }

  @Test func laterStepsAreRemoved() throws {
    try withLog(steps: [1, 2, 3, 4, 4, 5]) { path in
      #expect(try MetricsLog.mend(path, keepingUpTo: 3) == MetricsLog.Mending(kept: 3, removed: 3, damaged: 0))
      #expect(try MetricsLog.lines(path).map(\.step) == [1, 2, 3])
      let before = try bytes(of: path)
      #expect(try MetricsLog.mend(path, keepingUpTo: 3) == MetricsLog.Mending(kept: 3))
      #expect(try bytes(of: path) == before)
    }
  }

  /// Whatever a kill leaves of the last line, the log is mended to the whole lines up to the step, and nothing else.
  @Test func everyCutIsMended() throws {
    try withLog(steps: [1, 2, 3]) { path in
      let whole = try bytes(of: path)
      let lineLength = whole.count / 3
      for length in 0...whole.count {
        try write(Array(whole[..<length]), to: path)
        try MetricsLog.mend(path, keepingUpTo: 2)
        let expected = min(length / lineLength, 2) * lineLength
        #expect(try bytes(of: path) == Array(whole[..<expected]))
      }
    }
  }

  @Test func damagedLinesAreRemoved() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let good = "{\"event\":\"train\",\"step\":1}\n"
      try write(
        good + "\u{0}\u{0}\u{0}\n[1]\n{\"event\":1,\"step\":1}\n{\"event\":\"x\",\"step\":1.5}\n\n" + good, to: path)
      #expect(try MetricsLog.mend(path, keepingUpTo: 9) == MetricsLog.Mending(kept: 2, removed: 0, damaged: 5))
      #expect(try bytes(of: path) == Array((good + good).utf8))
    }
  }

  @Test func linesCanBeChosenOtherwise() throws {
    try withLog(steps: [1, 2, 2, 3]) { path in
      try MetricsLog.mend(path) { $0.step != 2 }
      #expect(try MetricsLog.lines(path).map(\.step) == [1, 3])
    }
  }

  @Test func aMissingLogIsEmpty() throws {
    try withTemporaryFolder { folder throws in
      #expect(try MetricsLog.mend("\(folder)/none", keepingUpTo: 1) == MetricsLog.Mending())
      #expect(try MetricsLog.lines("\(folder)/none").isEmpty)
      #expect(try Folder.names(in: folder) == [])
    }
  }

  @Test func linesLongerThanABufferAreRead() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let log = try MetricsLog(path)
      let text = String(repeating: "é", count: 100_000)
      for step in 1...3 { try log.append(event: "note", step: step, ["text": .string(text)]) }
      #expect(try MetricsLog.lines(path).map { $0.values["text"]?.string } == [text, text, text])
    }
  }

  private func withLog(steps: [Int], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let log = try MetricsLog(path)
      for step in steps { try log.append(event: "train", step: step, ["loss": 0.5]) }
      try body(path)
    }
  }
}
