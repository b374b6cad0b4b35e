import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns

/// What the folder of a run and its data give for a statement, and what is amiss with them.
struct RunEvidence {
  private let plan: Verification.Plan
  private let folder: RunFolder
  /// What cannot be told, a sentence each.
  private(set) var problems: [String] = []
  /// The names of what such a problem is about.
  private(set) var untold: Set<String> = []
  /// Where the files stand that the statement names, by their names there.
  private(set) var paths: [String: String] = [:]
  /// The way to a trainer of the run's last steps, its data open; nil where that cannot be had.
  private(set) var setup: RunSetup?
  private(set) var statement = ProvenanceStatement(subject: [], buildDefinition: [:], runDetails: [:])

  init(_ plan: Verification.Plan) throws(RunError) {
    self.plan = plan
    folder = try asInput { () throws(RunFolderError) in try RunFolder.open(plan.run) }
    let (subject, resolved) = (checkpoints(), dependencies())
    statement = ProvenanceStatement(
      subject: subject,
      buildDefinition: [
        "buildType": .string(ProvenanceStatement.buildType), "externalParameters": .object(parameters),
        "internalParameters": .object(machine), "resolvedDependencies": .array(resolved.map(\.json)),
      ],
      runDetails: [
        "builder": .object(builder()), "metadata": .object(metadata()), "byproducts": .array(byproducts().map(\.json)),
      ])
  }

  // MARK: Files

  /// A file that stands at `path`.
  private mutating func file(_ name: String, at path: String, _ mediaType: String? = nil) -> ResourceDescriptor {
    paths[name] = path
    do throws(FileError) {
      return ResourceDescriptor(
        name: name, sha256: try SHA256Digest.hexadecimal(ofFile: path), mediaType: mediaType)
    } catch {
      problem("\(error)", about: [name])
      return ResourceDescriptor(name: name, mediaType: mediaType)
    }
  }

  /// A file of the run's folder, called by its path there.
  private mutating func ownFile(_ path: String, _ mediaType: String) -> ResourceDescriptor {
    file(String(path.dropFirst(folder.path.count + 1)), at: path, mediaType)
  }

  private mutating func problem(_ text: String, about names: [String]) {
    problems.append(text)
    untold.formUnion(names)
  }

  /// The checkpoints in the order of their steps: the last is the model.
  private mutating func checkpoints() -> [ResourceDescriptor] {
    var descriptors: [ResourceDescriptor] = []
    for path in plan.files {
      var descriptor = ownFile(path, "application/zstd")
      // One that is damaged tells nothing else.
      if let record = plan.records.first(where: { $0.path == path }) {
        descriptor.annotations = ["step": .integer(record.step), "weights_digest": .string(record.weightsDigest)]
        if let link = record.predecessor {
          descriptor.annotations["previous_step"] = .integer(link.step)
          descriptor.annotations["previous_digest"] = .string(link.weightsDigest)
        }
      }
      descriptors.append(descriptor)
    }
    return descriptors
  }

  private mutating func byproducts() -> [ResourceDescriptor] {
    [
      (folder.metricsFile, "application/jsonl"), (folder.tableFile, "text/csv"),
      (folder.summaryFile, "application/json"),
    ].compactMap { path, type in
      (try? Folder.item(at: path)) == .missing ? nil : ownFile(path, type)
    }
  }

  // MARK: What the model came of

  /// What a person has chosen: every key that the bits depend on, and how far the run went.
  private var parameters: JSONObject {
    var keys: JSONObject = [:]
    for (key, value) in plan.last?.configuration.bits ?? [] { keys.append(key, .string(value)) }
    return ["configuration": .object(keys), "steps": plan.last.map { .integer($0.step) } ?? .null]
  }

  /// On what it was trained; no bit depends on it.
  private var machine: JSONObject {
    var machine: JSONObject = [:]
    for key in ["threads", "ranks", "processor"] { machine[key] = plan.record.summary?[key] }
    machine["instruction_set"] = plan.last?.arithmetic.map { .string($0.instructionSet) }
    return machine
  }

  private mutating func dependencies() -> [ResourceDescriptor] {
    guard let last = plan.last else { return [] }
    var program = ResourceDescriptor(name: "lockstep", sha256: plan.record.summary?["program_digest"]?.string)
    program.uri = last.version.map { "pkg:generic/lockstep@\($0)" }
    program.annotations["arithmetic_fingerprint"] = last.arithmetic.map { .string($0.digest) }
    var dependencies = [ownFile(folder.configurationFile, "application/yaml")] + data(of: last)
    if let weights = last.configuration.weights {
      dependencies.append(
        ResourceDescriptor(
          name: weights.path, annotations: ["weights_digest": last.initialWeights.map { .string($0) } ?? .null]))
    }
    if let origin = last.origin {
      dependencies.append(ResourceDescriptor(name: origin.checkpoint, annotations: origin.json))
    }
    return dependencies + [program]
  }

  /// The files of the data as they stand, and what training has made of them.
  private mutating func data(of last: CheckpointRecord) -> [ResourceDescriptor] {
    let sources = last.configuration.data
    let all: [(name: String, source: DataSource?)] = [
      ("data.train", sources.train), ("data.validation", sources.validation),
    ]
    let setup: RunSetup
    do throws(RunError) { setup = try last.setup(plan.overrides) } catch {
      problem("\(error)", about: all.flatMap { [$0.name] + ($0.source?.file?.files.map(\.path) ?? []) })
      return []
    }
    self.setup = setup
    if let change = setup.configuration.differences(from: last.configuration).first(where: \.touchesBits) {
      problems.append(
        "\(change.key): found \(change.new ?? "none"), expected \(change.old ?? "none") as the run had it")
    }
    if let other = last.otherData(than: setup) { problem(other, about: all.map(\.name)) }
    var descriptors: [ResourceDescriptor] = []
    let present: [DataSource?] = [setup.configuration.data.train, setup.configuration.data.validation]
    for ((name, source), present) in zip(all, present) {
      let places = present?.file?.files.map(\.path) ?? []
      for (file, path) in zip(source?.file?.files ?? [], places)
      where !descriptors.contains(where: { $0.name == file.path }) {
        // What a folder of pictures holds is told by its fingerprint.
        var descriptor =
          (try? Folder.item(at: path)) == .folder
          ? ResourceDescriptor(name: file.path) : self.file(file.path, at: path)
        descriptor.annotations["role"] = .string(name)
        descriptors.append(descriptor)
      }
    }
    let sets: [(name: String, set: (any Dataset)?)] = [
      ("data.train", setup.train), ("data.validation", setup.validation),
    ]
    for (name, set) in sets {
      guard let set else { continue }
      descriptors.append(
        ResourceDescriptor(
          name: name, sha256: SHA256Digest.hexadecimal(of: Array(set.fingerprint.utf8)),
          annotations: ["fingerprint": .string(set.fingerprint), "samples": .integer(set.count)]))
    }
    return descriptors
  }

  // MARK: Who made it, and when

  /// The program that has trained, by its version, and the one that writes this, which must have the same arithmetic to
  /// verify it, by its bytes.
  private mutating func builder() -> JSONObject {
    var builder: JSONObject = ["id": .string(ProvenanceStatement.builder)]
    if let version = plan.last?.version { builder["version"] = ["lockstep": .string(version)] }
    if let program = Folder.program {
      var descriptor = file("lockstep attest", at: program)
      descriptor.annotations = ["version": .string(LockstepVersion.current)]
      builder[ProvenanceStatement.programKey] = [descriptor.json]
    }
    return builder
  }

  /// Of the process that ended the run, by its summary.
  private func metadata() -> JSONObject {
    var metadata: JSONObject = [:]
    if let digest = try? SHA256Digest.hexadecimal(ofFile: folder.summaryFile) {
      metadata["invocationId"] = .string("sha256:\(digest)")
    }
    metadata["startedOn"] = plan.record.summary?["started_on"]
    metadata["finishedOn"] = plan.record.summary?["finished_on"]
    return metadata
  }
}
