import Foundation
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

/// What is on the device when: the order of the calls that write, synchronize, rename and remove, as a power cut would
/// find it. (`tools/torture power` makes the folders that one can leave, and goes on in them.)
@Suite(.serialized, .enabled(if: RecordedFileCalls.areThere, "\(RecordedFileCalls.excuse)"))
struct DurabilityTests {
  /// A name appears when its bytes are on the device, and is there itself before anything else is done.
  @Test func aFileIsReplaced() throws {
    let calls = try RecordedFileCalls { folder in
      try TemporaryFile.replace("\(folder)/a", with: "old")
      RecordedFileCalls.note("again")
      try TemporaryFile.replace("\(folder)/a", with: "new")
    }
    let once = ["write a~", "fsync a~", "rename a~ a", "fsync ."]
    #expect(calls.lines == once + ["again"] + once)
  }

  /// One that is given up leaves nothing, and nothing is waited for.
  @Test func aTemporaryIsGivenUp() throws {
    let calls = try RecordedFileCalls { folder in
      func abandon() throws { try TemporaryFile(replacing: "\(folder)/a").write([1], 0..<1) }
      try abandon()
    }
    #expect(calls.lines == ["write a~", "remove a~"])
  }

  /// Every folder on the way is a name in the one above.
  @Test func foldersAreMade() throws {
    let calls = try RecordedFileCalls { try Folder.create("\($0)/a/b/c") }
    #expect(calls.lines == ["fsync .", "fsync a", "fsync a/b"])
  }

  /// The name of a file that is added to stays before its first entry is written, and after it was replaced.
  @Test func entriesAreAdded() throws {
    let calls = try RecordedFileCalls { folder in
      let file = try AppendedFile("\(folder)/a")
      try file.append([1])
      try file.synchronize { "" }
      try file.append([2])
      try file.renew { () throws(FileError) in
        try TemporaryFile.replace("\(folder)/a", with: "3")
        return "\(folder)/a"
      }
      try file.append([4])
    }
    #expect(
      calls.lines == [
        "fsync .", "write a", "fsync a", "write a", "write a~", "fsync a~", "rename a~ a", "fsync .", "fsync .",
        "write a",
      ])
  }

  /// Lines that are cut off a log are gone for good before it is added to.
  @Test func aLogIsMended() throws {
    let calls = try RecordedFileCalls { folder in
      try write("{\"event\":\"train\",\"step\":1}\n{\"event\":\"train\",\"st", to: "\(folder)/log")
      RecordedFileCalls.note("mend")
      #expect(try MetricsLog.mend("\(folder)/log", keepingUpTo: 9).damaged == 1)
    }
    let from = try #require(calls.first { $0 == "mend" })
    #expect(calls.lines[(from + 1)...] == ["write log~", "fsync log~", "rename log~ log", "fsync ."])
  }

  /// Events that are cut off a file are gone for good before others are told.
  @Test func eventsAreCutOff() throws {
    let calls = try RecordedFileCalls { folder in
      for _ in 0..<2 {
        RecordedFileCalls.note("begin")
        let events = try EventFolder("\(folder)/events", after: 0) { _ in false }
        try events.append(Event.scalar("loss", 0.5, at: 1))
        try events.synchronize()
      }
    }
    let files = calls.lines.filter { $0.hasPrefix("rename ") }.compactMap { $0.split(separator: " ").last }
    #expect(files.count == 2)
    func began(_ file: Substring) -> [String] {
      ["write \(file)~", "fsync \(file)~", "rename \(file)~ \(file)", "fsync events", "fsync events"]
        + ["write \(file)", "fsync \(file)"]
    }
    #expect(
      calls.lines == ["begin", "fsync ."] + began(files[0]) + ["begin", "shorten \(files[0])", "fsync \(files[0])"]
        + began(files[1]))
  }

  /// The oldest goes when the newest is there for good, and not before.
  @Test(arguments: [1, 2, 3]) func theOldestGoesLast(keep: Int) throws {
    let tensors = TestTensors.small()
    let names = (0..<6).map(CheckpointStore.fileName)
    let calls = try RecordedFileCalls { folder in
      let store = CheckpointStore(folder: folder, keep: keep)
      for step in 0..<6 { _ = try store.save(CheckpointContent(tensors: tensors.records), step: step) }
    }
    #expect(
      calls.lines
        == (0..<6).flatMap { step in
          let new = names[step]
          let written = ["write \(new)~", "fsync \(new)~", "rename \(new)~ \(new)", "fsync ."]
          return written + (step < keep ? [] : ["remove \(names[step - keep])"])
        })
  }

  /// A whole run, and one that goes on: before a checkpoint has its name, every line and event of its steps is on the
  /// device; it is reported, and the oldest removed, when its name is there too.
  @Test func aRun() throws {
    let configuration = try tinyRun(
      "logging.tensorboard={histograms_every: {steps: 2}}", "checkpoint={every: {steps: 2}, keep: 2}",
      "metrics.every.steps=1")
    let calls = try RecordedFileCalls { folder in
      for end in [13, 20] {
        RecordedFileCalls.note("begin")
        let run =
          end == 13
          ? try TrainingRun.start(configuration, output: "\(folder)/run", upTo: end)
          : try TrainingRun.resume("\(folder)/run")
        _ = try run.train { event in
          switch event {
          case .step(let result, _): RecordedFileCalls.note("told \(result.step)")
          case .evaluated(let step, _): RecordedFileCalls.note("told \(step)")
          case .saved(let step, _, _): RecordedFileCalls.note("saved \(step)")
          default: break
          }
        }
      }
    }
    try expectEveryNameIsDurable(calls)
    let begins = calls.lines.indices.filter { calls.lines[$0] == "begin" }
    #expect(begins.count == 2)
    for (begin, end) in zip(begins, begins.dropFirst() + [calls.lines.count]) {
      try expectCheckpointsComeAfterTheirLines(calls, begin..<end)
    }
    let saved = calls.lines.filter { $0.hasPrefix("saved") }
    #expect(saved == ([2, 4, 6, 8, 10, 12, 13] + [14, 16, 18, 20]).map { "saved \($0)" })
  }

  /// Of every file that is renamed, all that was written is on the device before; its new name is before a checkpoint
  /// is reported or anything is removed.
  private func expectEveryNameIsDurable(_ calls: RecordedFileCalls) throws {
    let renames = calls.lines.indices.filter { calls.lines[$0].hasPrefix("rename ") }
    #expect(renames.count > 11)
    for index in renames {
      let words = calls.lines[index].split(separator: " ").map(String.init)
      let written = try #require(calls.lines[..<index].lastIndex(of: "write \(words[1])"), "\(words)")
      #expect(calls.lines[written..<index].contains("fsync \(words[1])"), "\(words)")
      let folder = words[2].contains("/") ? Folder.parent(of: words[2]) : "."
      let durable = try #require(calls.first(from: index) { $0 == "fsync \(folder)" }, "\(words)")
      #expect(
        !calls.lines[index..<durable].contains { $0.hasPrefix("remove \(folder)/") || $0.hasPrefix("saved") },
        "\(words)")
    }
  }

  private func expectCheckpointsComeAfterTheirLines(_ calls: RecordedFileCalls, _ part: Range<Int>) throws {
    let lines = calls.lines
    for index in part {
      guard let match = lines[index].wholeMatch(of: /rename \S+ run\/checkpoints\/step-0*(\d+)\.safetensors\.zst/),
        let step = Int(match.1)
      else { continue }
      let told = try #require(lines[part].lastIndex(of: "told \(step)"))
      let files = Set(
        lines[part].filter { $0.hasPrefix("write run/metrics.jsonl") || $0.hasPrefix("write run/tensorboard/") }
      )
      .filter { !$0.hasSuffix("~") }
      #expect(files.count == 3)
      for line in files {
        let file = line.dropFirst("write ".count)
        // Of the evaluations none may have been.
        guard let written = lines[part.lowerBound..<told].lastIndex(of: line) else {
          #expect(file.contains("validation"), "\(file)")
          continue
        }
        #expect(lines[written..<index].contains("fsync \(file)"), "\(file) before the checkpoint of step \(step)")
      }
      #expect(lines[index...].contains("saved \(step)"))
    }
    // The summary says that all is there.
    let summary = try #require(lines[part].firstIndex { $0.hasPrefix("rename run/summary.json~") })
    for file in Set(lines[part.lowerBound..<summary].filter { $0.hasPrefix("write run/") && !$0.hasSuffix("~") }) {
      let path = file.dropFirst("write ".count)
      if path.hasSuffix("/lock") { continue }
      let written = try #require(lines[..<summary].lastIndex(of: file))
      #expect(lines[written..<summary].contains("fsync \(path)"), "\(path) before the summary")
    }
  }
}

/// Where calls can be recorded they are: a suite that is skipped everywhere would say nothing.
@Suite struct DurabilityIsLookedAtTests {
  #if canImport(Glibc)
    @Test(.enabled(if: Tool.hasOwnMemory, "a sanitizer has functions of its own in the place of glibc's"))
    func here() { #expect(RecordedFileCalls.areThere) }
  #endif
}
