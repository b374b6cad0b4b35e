import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// Whatever is changed in a run, or in what it was made of, is named.
@Suite struct ChangedRunTests {
  /// A run whose checkpoints of steps 6, 12, 18 and 20 are kept.
  private func withRun(_ changes: String..., body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let configuration = try RunConfiguration(
        yaml: tinyRun("checkpoint.keep=9").resolvedYAML, overrides: changes.map { try ConfigurationOverride($0) })
      _ = try TrainingRun.start(configuration, output: "\(folder)/run").train()
      try body("\(folder)/run")
    }
  }

  private func verify(_ folder: String, acceptsDifferentArithmetic: Bool = false) throws -> Verification {
    try #require(
      try Verification.Plan(folder).run(acceptsDifferentArithmetic: acceptsDifferentArithmetic))
  }

  /// Changes a checkpoint, and writes it as if it had been so all along: whole, sealed, with the digest of its bytes.
  private func forge(
    _ folder: String, step: Int, _ change: (inout [String: String], [Tensor]) -> Void
  ) throws {
    let path = CheckpointStore(folder: "\(folder)/checkpoints", keep: 1).path(step: step)
    let checkpoint = try CheckpointFile.read(path)
    var metadata = checkpoint.metadata
    change(&metadata, checkpoint.tensors)
    for key in [CheckpointKey.formatVersion, CheckpointKey.weightsDigest] { metadata[key] = nil }
    try CheckpointFile.write(CheckpointContent(tensors: checkpoint.tensors, metadata: metadata), to: path)
  }

  private func foundDifference(_ verification: Verification, from step: Int) -> Verification.Difference? {
    guard case .differs(let difference) = verification.intervals.first(where: { $0.from == step })?.outcome else {
      return nil
    }
    return difference
  }

  /// The lowest bit of one weight, in each tensor: the interval that ends there names tensor and element, the one that
  /// begins there the first step in the log, and the next checkpoint's link names the digest.
  @Test func aBitOfAWeight() throws {
    try withRun { folder in
      let names = try CheckpointFile.read("\(folder)/checkpoints/step-00000012.safetensors.zst").tensors.map(\.name)
      for number in names.indices {
        var index = 0
        var former: Float = 0
        func flip(_: inout [String: String], _ tensors: [Tensor]) {
          index = tensors[number].values.count - 1
          former = tensors[number].values[index]
          tensors[number].values[index] = Float(bitPattern: former.bitPattern ^ 1)
        }
        try forge(folder, step: 12, flip)
        let changed = Float(bitPattern: former.bitPattern ^ 1)
        let verification = try verify(folder)
        #expect(!verification.isSame && verification.intervals.map(\.to) == [6, 12, 18, 20])
        #expect(verification.intervals.map(\.outcome.word)[0] == "same")
        #expect(verification.intervals.map(\.outcome.word)[3] == "same")
        let difference = try #require(foundDifference(verification, from: 6))
        #expect(
          difference.element
            == .init(tensor: names[number], index: index, found: changed, expected: former, tensors: 1))
        #expect(
          difference.step == 12 && difference.lastSame == 11 && difference.logValue == nil && !difference.isOfState)
        #expect(
          "\(difference)"
            == "first at step 12: tensor \(names[number]), element \(index): found \(changed), expected \(former)")
        #expect(verification.firstDifferent?.to == 12)
        #expect(verification.findings.count == 1 && verification.findings.first?.contains("step-00000018") == true)
        #expect(verification.findings.first?.contains("it came after a checkpoint of step 12 with the digest ") == true)
        try forge(folder, step: 12, flip)
      }
      #expect(try verify(folder).isSame)
    }
  }

  /// Larger changes of the weights show in the log of the steps behind them.
  @Test func theFirstStepIsNamed() throws {
    try withRun { folder in
      try forge(folder, step: 12) { _, tensors in tensors[0].values[0] += 0.5 }
      let difference = try #require(try foundDifference(verify(folder), from: 12))
      #expect(difference.lastSame == 12 && difference.step == 15 && difference.logValue?.event == "train")
      #expect(difference.element.map { $0.tensors > 1 } == true)
      #expect(
        "\(difference)".hasPrefix("first at steps 13 to 15 (nothing between them was recorded): loss of the train"))
    }
  }

  /// What is the same in the log before the first line that differs bounds the step.
  @Test func theLogBoundsTheStep() throws {
    try withRun { folder in
      try forge(folder, step: 18) { _, tensors in tensors[0].values[0] += 0.5 }
      let file = "\(folder)/metrics.jsonl"
      let text = String(decoding: try bytes(of: file), as: UTF8.self)
      try write(
        text.replacing(#/"validation","step":16,"loss":0/#, with: "\"validation\",\"step\":16,\"loss\":1"), to: file)
      let difference = try #require(try foundDifference(verify(folder), from: 12))
      #expect(difference.lastSame == 15 && difference.step == 16 && difference.element?.index == 0)
      #expect(
        "\(difference)".hasPrefix("first at step 16: loss of the validation line of step 16 in metrics.jsonl: found 1.")
      )
    }
  }

  /// A file that is not whole is named, and what lies beside it is verified all the same.
  @Test func aByteOfAFile() throws {
    try withRun { folder in
      let path = "\(folder)/checkpoints/step-00000012.safetensors.zst"
      var damaged = try bytes(of: path)
      damaged[damaged.count / 2] ^= 16
      try write(damaged, to: path)
      let verification = try verify(folder)
      #expect(!verification.isSame && verification.intervals.map(\.to) == [6, 18, 20])
      #expect(verification.intervals.allSatisfy { $0.outcome == .same })
      #expect(
        verification.findings.count == 1
          && verification.findings.first?.hasPrefix("\(path): the checkpoint is damaged") == true)
    }
  }

  @Test func aKey() throws {
    try withRun { folder in
      let file = "\(folder)/config.yaml"
      let text = String(decoding: try bytes(of: file), as: UTF8.self)
      try write(text.replacing("beta1: 0.9", with: "beta1: 0.8"), to: file)
      var verification = try verify(folder)
      #expect(!verification.isSame && verification.intervals.allSatisfy { $0.outcome == .same })
      #expect(
        verification.findings == [
          "\(file): found optimizer.adam.beta1: 0.8, expected 0.9 as in \(folder)/checkpoints/step-00000020.safetensors.zst"
        ])
      try write(text, to: file)
      // In one checkpoint alone.
      try forge(folder, step: 12) { metadata, _ in
        metadata["configuration"] = metadata["configuration"]?.replacing("beta1: 0.9", with: "beta1: 0.8")
      }
      verification = try verify(folder)
      #expect(verification.intervals.map(\.outcome.word) == ["same", "not trained", "not trained", "same"])
      guard case .notTrained(let reason) = verification.intervals[1].outcome else { return }
      #expect(
        reason
          == "\(folder)/checkpoints/step-00000012.safetensors.zst: found optimizer.adam.beta1: 0.8, expected 0.9 as in the checkpoint of step 6"
      )
      // In all of them: the first interval is another.
      for step in [6, 12, 18, 20] {
        try forge(folder, step: step) { metadata, _ in
          metadata["configuration"] = metadata["configuration"]?.replacing("beta1: 0.9", with: "beta1: 0.8")
        }
      }
      #expect(try foundDifference(verify(folder), from: 0)?.element?.tensor.hasPrefix("model.") == true)
    }
  }

  @Test func aCellOfTheData() throws {
    try withTemporaryFolder { folder in
      let table = "a,b,y\n" + (0..<160).map { "\($0 * 37 % 101),\($0 % 7),\($0 * 13 % 17)\n" }.joined()
      try write(table, to: "\(folder)/data.csv")
      let source = "data={source: {csv: {path: '\(folder)/data.csv', target: y}}, split: {validation: 0.2, seed: 1}}"
      let configuration = try tinyRun("checkpoint.keep=9", source)
      let run = "\(folder)/run"
      _ = try TrainingRun.start(configuration, output: run).train()
      #expect(try verify(run).isSame)
      try write(table.replacing("\n37,1,13\n", with: "\n37,1,14\n"), to: "\(folder)/data.csv")
      var verification = try verify(run)
      for interval in verification.intervals {
        guard case .notTrained(let reason) = interval.outcome else { throw RunError.failed("\(interval)") }
        #expect(reason.hasPrefix("\(folder)/data.csv: found other data than the run was trained on: \"file contents: "))
      }
      // A word where a number was.
      try write(table.replacing("\n37,1,13\n", with: "\n37,1,word\n"), to: "\(folder)/data.csv")
      verification = try verify(run)
      guard case .notTrained(let reason) = verification.intervals[0].outcome else { throw RunError.failed("") }
      #expect(reason.contains("data.csv"), "\(reason)")
      // The file as it was may stand elsewhere.
      try write(table, to: "\(folder)/moved.csv")
      let plan = try Verification.Plan(
        run, overrides: [ConfigurationOverride("data.source.csv.path=\(folder)/moved.csv")])
      #expect(try plan.run()?.isSame == true)
      try write(table, to: "\(folder)/data.csv")
      // Other settings are no way to make it the same.
      let other = try Verification.Plan(run, overrides: [ConfigurationOverride("training.batch_size=16")]).run()
      #expect(
        other?.intervals.map(\.outcome)
          == Array(
            repeating: .notTrained("training.batch_size: found 16, expected 32: a run is trained again as it was"),
            count: 4))
    }
  }

  @Test func aLineOfTheLog() throws {
    try withRun { folder in
      let file = "\(folder)/metrics.jsonl"
      let text = String(decoding: try bytes(of: file), as: UTF8.self)
      let line = try #require(text.split(separator: "\n").first { $0.contains("\"train\",\"step\":15,") })
      try write(text.replacing(line, with: line.replacing("\"epoch\":2", with: "\"epoch\":3")), to: file)
      let difference = try #require(try foundDifference(verify(folder), from: 12))
      #expect(difference.element == nil && difference.step == 15 && difference.lastSame == 14)
      #expect(
        "\(difference)" == "first at step 15: epoch of the train line of step 15 in metrics.jsonl: found 3, expected 2")
      try write(text.replacing("\(line)\n", with: ""), to: file)
      #expect(try foundDifference(verify(folder), from: 12)?.logValue?.found == nil)
      // The speed is the machine's.
      try write(text.replacing(#/samples_per_second":[0-9.e+]+/#, with: "samples_per_second\":1"), to: file)
      #expect(try verify(folder).isSame)
      try FileManager.default.removeItem(atPath: file)
      let verification = try verify(folder)
      #expect(verification.isSame && verification.notes.contains { $0.contains("no metrics.jsonl") })
    }
  }

  /// How far the optimizer has come, in the last checkpoint: no tensor tells.
  @Test func aCountOfUpdates() throws {
    try withRun { folder in
      try forge(folder, step: 20) { metadata, _ in
        metadata["run_state"] = metadata["run_state"]?.replacing("\"updates\":20", with: "\"updates\":19")
      }
      let difference = try #require(try foundDifference(verify(folder), from: 18))
      #expect(difference.isOfState && difference.element == nil && difference.logValue == nil && difference.step == 20)
    }
  }

  @Test func aDigestInTheSummary() throws {
    try withRun { folder in
      let file = "\(folder)/summary.json"
      let digest = try CheckpointRecord(verifying: "\(folder)/checkpoints/step-00000020.safetensors.zst")
        .weightsDigest
      let text = String(decoding: try bytes(of: file), as: UTF8.self)
      try write(text.replacing(digest, with: String(digest.reversed())), to: file)
      let verification = try verify(folder)
      #expect(
        verification.findings.count == 1
          && verification.findings.first?.hasPrefix("\(file): found the weights_digest ") == true)
      #expect(!verification.isSame)
    }
  }

  /// It is said first, and with another arithmetic nothing is tried unless that is asked for.
  @Test func anotherVersion() throws {
    try withRun { folder in
      for step in [6, 12, 18, 20] {
        try forge(folder, step: step) { metadata, _ in
          metadata["lockstep_version"] = "0.0.9"
          metadata["arithmetic.parts"] = metadata["arithmetic.parts"]?.replacing(
            "\"loss huber\":\"", with: "\"loss huber\":\"0")
        }
      }
      let verification = try verify(folder)
      #expect(verification.notes.first == "the run was trained by Lockstep 0.0.9, this is \(LockstepVersion.current)")
      for interval in verification.intervals {
        guard case .notTrained(let reason) = interval.outcome else { throw RunError.failed("\(interval)") }
        #expect(
          reason.contains("this machine's arithmetic is not the checkpoint's: loss huber of its probe"), "\(reason)")
      }
      #expect(try verify(folder, acceptsDifferentArithmetic: true).isSame)
    }
  }

  @Test func theFileOfInitialWeights() throws {
    try withTemporaryFolder { folder in
      func write(seed: Int) throws {
        let model = try RunSetup(tinyRun("seed=\(seed)")).trainer().tensors.filter { $0.name.hasPrefix("model.") }
        let infos = model.map { TensorInfo(String($0.name.dropFirst("model.".count)), shape: $0.shape) }
        var bytes = try SafetensorsHeader(metadata: [:], tensors: infos).encoded()
        for value in model.flatMap(\.values.array) {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        }
        try TestSupport.write(bytes, to: "\(folder)/weights.safetensors")
      }
      try write(seed: 7)
      let run = "\(folder)/run"
      _ = try TrainingRun.start(
        tinyRun("checkpoint.keep=9", "model.weights=\(folder)/weights.safetensors"), output: run
      ).train()
      #expect(try verify(run).isSame)
      try write(seed: 8)
      let verification = try verify(run)
      #expect(verification.intervals.map(\.outcome.word) == ["not trained", "same", "same", "same"])
      guard case .notTrained(let reason) = verification.intervals[0].outcome else { return }
      #expect(reason.hasPrefix("model.weights: found a file whose tensors have the digest "), "\(reason)")
    }
  }

  /// Checkpoints of before there was a chain are as good; nobody vouches for their order.
  @Test func noChain() throws {
    try withRun { folder in
      func cut(_ metadata: inout [String: String], _: [Tensor]) {
        metadata[CheckpointKey.previousStep] = nil
        metadata[CheckpointKey.previousDigest] = nil
      }
      try forge(folder, step: 12, cut)
      var verification = try verify(folder)
      #expect(
        verification.isSame
          && verification.notes.contains { $0.hasSuffix("does not say what checkpoint was before it") })
      for step in [18, 20] { try forge(folder, step: step, cut) }
      verification = try verify(folder)
      #expect(verification.isSame && verification.notes.contains { $0.hasPrefix("there is no chain") })
    }
  }

  /// A checkpoint under the name of another step, and a folder that is no run's.
  @Test func otherFolders() throws {
    try withRun { folder in
      let checkpoints = "\(folder)/checkpoints"
      try FileManager.default.copyItem(
        atPath: "\(checkpoints)/step-00000006.safetensors.zst", toPath: "\(checkpoints)/step-00000007.safetensors.zst")
      #expect(try verify(folder).findings.first?.contains("found the checkpoint of step 6") == true)
      #expect(throws: RunError.self) { try Verification.Plan("\(folder)/nothing") }
      try FileManager.default.removeItem(atPath: checkpoints)
      #expect(throws: RunError.self) { try Verification.Plan(folder) }
    }
  }
}
