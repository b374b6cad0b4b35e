import LockstepFormats
import LockstepRuns
import LockstepTraining

/// The finished trials of a comparison, a file each, named after everything that their figures follow from. So a
/// comparison that was stopped goes on, and one that gets another value trains that value alone.
struct TrialStore {
  private let folder: String

  /// Makes the folder if need be.
  init(_ folder: String) throws(RunError) {
    self.folder = folder
    try asInput { () throws(FileError) in try Folder.create(folder) }
  }

  /// The trial that stands there already, or nil. A file that cannot be read counts as none: the trial can be done
  /// again.
  func trial(of setting: TrialSetting) throws(RunError) -> Comparison.Trial? {
    let path = path(of: setting)
    return try asFailure { () throws(FileError) in try RunFolder.readJSON(path) }.flatMap(Comparison.Trial.init)
  }

  func keep(_ trial: Comparison.Trial, of setting: TrialSetting) throws(RunError) {
    try JSONFile.write(trial.stored, to: path(of: setting))
  }

  private func path(of setting: TrialSetting) -> String {
    var configuration = setting.configuration
    // Settings that no figure follows from.
    configuration.name = "trial"
    configuration.training.threads = .auto
    configuration.checkpoint = .init()
    let texts =
      [
        LockstepVersion.current, configuration.resolvedYAML, setting.metric.rawValue, setting.setup.train.fingerprint,
        setting.validation.fingerprint, ArithmeticFingerprint.current.digest,
      ]
    return "\(folder)/trial-\(SHA256Digest.hexadecimal(of: Array(texts.joined(separator: "\n").utf8)).prefix(24)).json"
  }
}

extension Comparison.Trial {
  /// The trial as the store holds it: every number reads back with the same bits.
  var stored: JSONObject {
    var values: JSONObject = [:]
    for (name, value) in metrics.sorted(by: { $0.key < $1.key }) { values[name] = .exact(value) }
    return [
      "metrics": .object(values), "metric": metric.map { .exact($0) } ?? .null,
      "diverged": diverged.map { .string($0) } ?? .null, "step_seconds": stepSeconds.map { .exact($0) } ?? .null,
      "inference_seconds": .exact(inferenceSeconds), "dead": dead.map { .exact($0) } ?? .null,
      "verdict": .array(verdicts.map { .string($0.rawValue) }), "weights_digest": .string(weightsDigest),
    ]
  }

  /// - Returns: nil where it is no such trial.
  init?(_ json: JSONObject) {
    guard let values = json["metrics"]?.object, let inference = json["inference_seconds"]?.exactNumber,
      let verdicts = json["verdict"]?.array, let digest = json["weights_digest"]?.string
    else { return nil }
    metrics = [:]
    for member in values.members {
      guard let value = member.value.exactNumber else { return nil }
      metrics[member.name] = value
    }
    metric = json["metric"]?.exactNumber
    diverged = json["diverged"]?.string
    stepSeconds = json["step_seconds"]?.exactNumber
    inferenceSeconds = inference
    dead = json["dead"]?.exactNumber
    self.verdicts = verdicts.compactMap { $0.string.flatMap(Verdict.init) }
    weightsDigest = digest
    if metric == nil && diverged == nil { return nil }
  }
}
