import Foundation
import LockstepConfiguration
import LockstepFormats
import RunSupport
import TestSupport
import Testing

@testable import LockstepRuns
@testable import LockstepStudies

/// What a statement says of a run, and that whatever is other afterwards is named.
@Suite struct AttestationTests {
  private static let sha256sum = program("sha256sum")

  /// A run on a table, whose checkpoints of steps 6, 12, 18 and 20 are kept, and a statement of it.
  private func withRun(_ body: (_ folder: String, _ run: String, _ statement: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let table = "a,b,y\n" + (0..<160).map { "\($0 * 37 % 101),\($0 % 7),\($0 * 13 % 17)\n" }.joined()
      try write(table, to: "\(folder)/data.csv")
      let configuration = try tinyRun(
        "checkpoint.keep=9",
        "data={source: {csv: {path: '\(folder)/data.csv', target: y}}, split: {validation: 0.2, seed: 1}}")
      let run = "\(folder)/run"
      _ = try TrainingRun.start(configuration, output: run).train()
      try write(attest(run).text, to: "\(folder)/statement.json")
      try body(folder, run, "\(folder)/statement.json")
    }
  }

  private func attest(_ run: String) throws -> ProvenanceStatement { try Attestation(of: .init(run)).statement }

  private func check(_ run: String, _ statement: String) throws -> Verification.Plan {
    try Verification.Plan(run).checking(statement: statement)
  }

  private func things(_ value: JSONValue?) -> [(name: String, value: JSONObject)] {
    (value?.array ?? []).compactMap { thing in
      thing.object.flatMap { object in object["name"]?.string.map { ($0, object) } }
    }
  }

  @Test(.enabled(if: sha256sum != nil)) func everyDigestIsThatOfSha256sum() throws {
    let program = try #require(Self.sha256sum)
    try withRun { folder, run, _ in
      let json = try attest(run).json
      let predicate = try #require(json["predicate"]?.object)
      let definition = try #require(predicate["buildDefinition"]?.object)
      let details = try #require(predicate["runDetails"]?.object)
      let subject = things(json["subject"])
      let dependencies = things(definition["resolvedDependencies"])
      #expect(
        subject.map(\.name)
          == ["06", "12", "18", "20"].map { "checkpoints/step-000000\($0).safetensors.zst" })
      #expect(
        dependencies.map(\.name) == ["config.yaml", "\(folder)/data.csv", "data.train", "data.validation", "lockstep"])
      #expect(things(details["byproducts"]).map(\.name) == ["metrics.jsonl", "metrics.csv", "summary.json"])
      var files = 0
      for (name, thing) in subject + dependencies + things(details["byproducts"]) {
        let path = name.hasPrefix("/") ? name : "\(run)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        let digest = try runProgram(program, [path]).output.prefix(64)
        #expect(thing["digest"]?.object?["sha256"]?.string == String(digest), "\(name)")
        files += 1
      }
      #expect(files == 4 + 2 + 3)
      // The program itself, which has trained too.
      let builder = try #require(details["builder"]?.object)
      let attesting = try #require(things(builder["builderDependencies"]).first).value
      let own = try runProgram(program, ["/proc/\(getpid())/exe"]).output.prefix(64)
      for program in [attesting, try #require(dependencies.last).value] {
        #expect(program["digest"]?.object?["sha256"]?.string == String(own))
      }
      #expect(builder["version"]?.object?["lockstep"]?.string == LockstepVersion.current)
    }
  }

  @Test func checkpointsAreAChain() throws {
    try withRun { _, run, _ in
      let annotations = try things(attest(run).json["subject"]).compactMap { $0.value["annotations"]?.object }
      #expect(annotations.compactMap { $0["step"]?.integer } == [6, 12, 18, 20])
      #expect(annotations[0]["previous_step"] == nil)
      for (earlier, later) in zip(annotations, annotations.dropFirst()) {
        #expect(later["previous_step"] == earlier["step"] && later["previous_digest"] == earlier["weights_digest"])
      }
      let last = try CheckpointFile.read("\(run)/checkpoints/step-00000020.safetensors.zst").weightsDigest
      #expect(annotations[3]["weights_digest"]?.string == last)
    }
  }

  /// What was chosen, on what it ran, and when, by the run's own records.
  @Test func theRestIsTheRuns() throws {
    try withRun { _, run, _ in
      let record = try RunRecord(run)
      let summary = try #require(record.summary)
      let predicate = try #require(try attest(run).json["predicate"]?.object)
      let definition = try #require(predicate["buildDefinition"]?.object)
      let keys = try #require(definition["externalParameters"]?.object?["configuration"]?.object)
      #expect(keys["training.batch_size"]?.string == "32" && keys["optimizer.adam.learning_rate"]?.string == "0.05")
      #expect(keys["training.threads"] == nil && keys["data.source.csv.path"] == nil)
      #expect(definition["externalParameters"]?.object?["steps"]?.integer == 20)
      #expect(definition["internalParameters"]?.object?["threads"]?.integer == 2)
      let metadata = try #require(predicate["runDetails"]?.object?["metadata"]?.object)
      #expect(metadata["startedOn"] == summary["started_on"] && metadata["finishedOn"] == summary["finished_on"])
      let digest = SHA256Digest.hexadecimal(of: try bytes(of: "\(run)/summary.json"))
      #expect(metadata["invocationId"]?.string == "sha256:\(digest)")
    }
  }

  @Test func theSameRunGivesTheSameStatement() throws {
    try withRun { folder, run, statement in
      let before = try contents(of: run)
      #expect(try attest(run).text == String(decoding: bytes(of: statement), as: UTF8.self))
      #expect(try contents(of: run) == before)
      // Elsewhere, too.
      try FileManager.default.moveItem(atPath: run, toPath: "\(folder)/moved")
      #expect(try attest("\(folder)/moved").text == String(decoding: bytes(of: statement), as: UTF8.self))
      let plan = try check("\(folder)/moved", statement)
      #expect(plan.findings == [] && plan.notes.count == 1)
      #expect(plan.notes[0].hasPrefix("\(statement): 12 digests and ") && plan.notes[0].hasSuffix("are the run's"))
      #expect(try plan.run()?.isSame == true)
    }
  }

  // MARK: What is other

  /// One byte of each file that the statement names.
  @Test func aByteOfAFile() throws {
    try withRun { folder, run, statement in
      let files = [
        "checkpoints/step-00000006.safetensors.zst", "checkpoints/step-00000020.safetensors.zst", "metrics.jsonl",
        "metrics.csv", "summary.json", "config.yaml",
      ]
      for name in files {
        let path = "\(run)/\(name)"
        let whole = try bytes(of: path)
        var changed = whole
        // In a text the blank or digit that changes nothing of how it is read, as far as that goes.
        let place = name.hasSuffix("zst") ? whole.count / 2 : (whole.lastIndex { $0 >= 0x30 && $0 <= 0x39 } ?? 0)
        changed[place] = name.hasSuffix("zst") ? whole[place] ^ 16 : (whole[place] == 0x31 ? 0x32 : 0x31)
        try write(changed, to: path)
        let findings = try check(run, statement).findings
        #expect(
          findings.contains { $0.hasPrefix("\(path): found the SHA-256 ") && $0.hasSuffix(" as in \(statement)") },
          "\(name): \(findings)")
        try write(whole, to: path)
      }
      #expect(try check(run, statement).findings == [])
      // The data.
      let data = "\(folder)/data.csv"
      let text = String(decoding: try bytes(of: data), as: UTF8.self)
      try write(text.replacing("\n37,1,13\n", with: "\n37,1,14\n"), to: data)
      let findings = try check(run, statement).findings
      #expect(findings.contains { $0.hasPrefix("\(data): found the SHA-256 ") })
      #expect(findings.contains { $0.hasPrefix("\(data): found other data than the run was trained on") })
      #expect(findings.count == 2, "\(findings)")
      try write(text, to: "\(folder)/elsewhere.csv")
      let plan = try Verification.Plan(
        run, overrides: [ConfigurationOverride("data.source.csv.path=\(folder)/elsewhere.csv")])
      #expect(try plan.checking(statement: statement).findings == [])
      // A file that is gone, and one that has come.
      try write(text, to: data)
      try FileManager.default.removeItem(atPath: "\(run)/metrics.csv")
      #expect(try check(run, statement).findings.contains { $0.contains("byproducts[metrics.csv]") })
    }
  }

  /// Every value of the statement in turn is another, or is not there.
  @Test func aValueOfTheStatement() throws {
    try withRun { folder, run, statement in
      let text = String(decoding: try bytes(of: statement), as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      var changed = 0
      for (index, line) in lines.enumerated() {
        guard let colon = line.firstRange(of: "\": "), !line.hasSuffix("{"), !line.hasSuffix("[") else { continue }
        let value = line[colon.upperBound...].trimmingSuffix(",")
        let other = value.hasPrefix("\"") ? "\"other\"" : "77"
        var forged = lines
        forged[index] = line[..<colon.upperBound] + other + (line.hasSuffix(",") ? "," : "")
        try write(forged.joined(separator: "\n"), to: "\(folder)/forged.json")
        // By another program the same run is attested as well.
        if isOfProgram(index, lines) { continue }
        changed += 1
        let isOther =
          (try? check(run, "\(folder)/forged.json").findings.isEmpty == false) ?? true
        #expect(isOther, "\(line)")
      }
      #expect(changed > 60)
    }
  }

  /// Whether a line is of the program that has written the statement.
  private func isOfProgram(_ index: Int, _ lines: [String]) -> Bool {
    guard let start = lines.firstIndex(where: { $0.contains("\"builderDependencies\"") }) else { return false }
    let end = lines[start...].firstIndex { $0.hasPrefix("        ]") } ?? start
    return (start...end).contains(index)
  }

  @Test func whatIsAddedOrWrittenOtherwise() throws {
    try withRun { folder, run, statement in
      let text = String(decoding: try bytes(of: statement), as: UTF8.self)
      func refused(_ forged: String) throws -> String {
        try write(forged, to: "\(folder)/forged.json")
        do { return try check(run, "\(folder)/forged.json").findings.joined() } catch { return "\(error)" }
      }
      #expect(try refused(text.replacing("  \"subject\"", with: "   \"subject\"")).contains("byte for byte"))
      #expect(try refused(text + " ").contains("byte for byte"))
      #expect(try refused(String(text.dropLast(3))).contains("found no JSON"))
      #expect(try refused("{}\n").contains("_type: found none, expected \"https://in-toto.io/Statement/v1\""))
      #expect(
        try refused(text.replacing("slsa.dev/provenance/v1", with: "slsa.dev/provenance/v2")).contains("predicateType"))
      // Of two checkpoints the last is the model.
      let json = try JSONValue(parsing: text)
      var turned = try #require(json.object)
      turned["subject"] = .array((turned["subject"]?.array ?? []).reversed())
      #expect(try refused(JSONValue.object(turned).prettyText + "\n").contains("in another order"))
      turned["subject"] = .array(
        (json.object?["subject"]?.array ?? []).flatMap { [$0, $0] })
      #expect(try refused(JSONValue.object(turned).prettyText + "\n").contains("in another order"))
      let more = text.replacing("\"externalParameters\": {\n", with: "\"externalParameters\": {\n        \"x\": {},\n")
      #expect(try refused(more).contains("predicate.buildDefinition.externalParameters.x: found {}, expected none"))
      let without = text.replacing(#/"metrics.jsonl",/#, with: "\"other.jsonl\",")
      #expect(try refused(without).contains("byproducts[other.jsonl]"))
      let less = text.replacing(#/,\n *"instruction_set": "[^"]*"/#, with: "")
      #expect(try refused(less).contains("internalParameters.instruction_set: found none, expected "))
      #expect(throws: RunError.self) { try check(run, "\(folder)/none.json") }
      #expect(throws: RunError.self) { try check(run, folder) }
    }
  }

  // MARK: What cannot be attested

  private func reason(_ body: () throws -> ProvenanceStatement) -> String {
    do { return try body().text } catch { return "\(error)" }
  }

  @Test func onlyWhatHasFinished() throws {
    try withTemporaryFolder { folder in
      let run = "\(folder)/run"
      _ = try TrainingRun.start(tinyRun("checkpoint.keep=9"), output: run, upTo: 7).train()
      let text = reason { try attest(run) }
      #expect(text.hasPrefix("\(run): found a run that is paused by --steps, expected one that has finished"))
      #expect(text.contains("lockstep resume "))
      _ = try TrainingRun.resumeOrStart(RunSetup(tinyRun("checkpoint.keep=9")), output: run, upTo: nil).train()
      _ = try attest(run)
      try FileManager.default.removeItem(atPath: "\(run)/summary.json")
      #expect(reason { try attest(run) }.hasPrefix("\(run): found a run that is killed"))
      try FileManager.default.removeItem(atPath: "\(run)/checkpoints")
      #expect(reason { try attest(run) }.hasPrefix("\(run): found no checkpoint, expected at least one"))
      #expect(reason { try attest(folder) }.hasPrefix("\(folder): not the folder of a run"))
    }
  }

  @Test func onlyWhatIsAsItSays() throws {
    try withRun { folder, run, _ in
      let path = "\(run)/checkpoints/step-00000012.safetensors.zst"
      let whole = try bytes(of: path)
      var damaged = whole
      damaged[damaged.count / 2] ^= 1
      try write(damaged, to: path)
      #expect(reason { try attest(run) }.hasPrefix("\(path): the checkpoint is damaged"))
      try write(whole, to: path)
      let checkpoint = try CheckpointFile.read(path)
      var metadata = checkpoint.metadata
      metadata[CheckpointKey.formatVersion] = nil
      metadata[CheckpointKey.weightsDigest] = nil
      checkpoint.tensors[0].values[0] += 1
      try CheckpointFile.write(CheckpointContent(tensors: checkpoint.tensors, metadata: metadata), to: path)
      #expect(reason { try attest(run) }.contains("it came after a checkpoint of step 12 with the digest "))
      // One of a later version.
      let content = try SafetensorsHeader(metadata: ["format_version": "2"], tensors: []).encoded()
      var writer = try SealedZstdWriter(replacing: path, contentSize: content.count, level: 1)
      try writer.write(content)
      try writer.commit()
      #expect(
        reason { try attest(run) }.hasPrefix("\(path): the checkpoint has format version 2, this Lockstep reads 1"))
      try write(whole, to: path)
      let other = try Verification.Plan(run, overrides: [ConfigurationOverride("training.batch_size=16")])
      #expect(
        reason { try Attestation(of: other).statement }
          == "training.batch_size: found 16, expected 32 as the run had it")
      try FileManager.default.removeItem(atPath: "\(folder)/data.csv")
      #expect(reason { try attest(run) }.contains("data.csv"))
    }
  }

  /// A run of generated data has no files, a fork a checkpoint to begin with.
  @Test func whereItBegan() throws {
    try withTemporaryFolder { folder in
      _ = try TrainingRun.start(tinyRun("checkpoint.keep=9"), output: "\(folder)/a").train()
      let json = try attest("\(folder)/a").json
      let definition = json["predicate"]?.object?["buildDefinition"]?.object
      let train = try #require(things(definition?["resolvedDependencies"]).first { $0.name == "data.train" }).value
      let fingerprint = try #require(train["annotations"]?.object?["fingerprint"]?.string)
      #expect(train["digest"]?.object?["sha256"]?.string == SHA256Digest.hexadecimal(of: Array(fingerprint.utf8)))
      #expect(train["annotations"]?.object?["samples"]?.integer == 160)
      _ = try TrainingRun.fork(
        "\(folder)/a", step: 18, overrides: [ConfigurationOverride("training.steps=30")], output: "\(folder)/b"
      ).train()
      let fork = try attest("\(folder)/b").json
      let origin = try CheckpointFile.read("\(folder)/a/checkpoints/step-00000018.safetensors.zst").weightsDigest
      let first = try #require(things(fork["subject"]).first).value["annotations"]?.object
      #expect(first?["step"]?.integer == 18 && first?["previous_digest"]?.string == origin)
      let dependencies = things(fork["predicate"]?.object?["buildDefinition"]?.object?["resolvedDependencies"])
      let begun = try #require(dependencies.first { $0.name == "step-00000018.safetensors.zst" }).value
      #expect(begun["annotations"]?.object?["weights_digest"]?.string == origin)
    }
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    String(hasSuffix(suffix) ? dropLast(suffix.count) : self[...])
  }
}
