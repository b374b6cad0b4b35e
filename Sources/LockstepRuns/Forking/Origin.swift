import LockstepConfiguration
import LockstepFormats

/// Where a run that was forked began: at a checkpoint of another, with settings of its own. Every checkpoint of the run
/// tells it, its log and its summary.
public struct Origin: Sendable, Equatable {
  /// A key that was set otherwise; the values are YAML, nil where there was none, or is none.
  public struct Change: Sendable, Equatable {
    /// Keys joined by dots.
    public var key: String
    /// In the configuration of the checkpoint.
    public var old: String?
    /// In that of the fork.
    public var new: String?

    /// `training.batch_size: 32 → 64`.
    public var words: String { "\(key): \(old ?? "none") → \(new ?? "none")" }
  }

  /// The folder of the other run, as it was given; nil where the checkpoint stood in none.
  public var run: String?
  /// The name of the checkpoint's file.
  public var checkpoint: String
  /// The steps that were done.
  public var step: Int
  /// SHA-256 of the checkpoint's tensors.
  public var weightsDigest: String
  /// What was set otherwise, in the order of the file.
  public var changes: [Change]

  /// Its name in the metadata of checkpoints and in the summary.
  static let key = "forked_from"
  /// The event of the log that tells it.
  static let event = "forked"

  /// In a few words: `runs/a, step 500`.
  public var words: String { "\(run ?? checkpoint), step \(Format.count(step))" }

  /// All of it but the step, as the log has it, whose lines have one of their own.
  var values: JSONObject {
    var changed: JSONObject = [:]
    for change in changes {
      changed[change.key] = [change.old.map { .string($0) } ?? .null, change.new.map { .string($0) } ?? .null]
    }
    return [
      "run": run.map { .string($0) } ?? .null, "checkpoint": .string(checkpoint),
      "weights_digest": .string(weightsDigest), "changed": .object(changed),
    ]
  }

  /// As checkpoints and summaries hold it.
  public var json: JSONObject {
    var json: JSONObject = ["step": .integer(step)]
    for member in values.members { json[member.name] = member.value }
    return json
  }

  init(run: String?, checkpoint: String, step: Int, weightsDigest: String, changes: [Change]) {
    (self.run, self.checkpoint, self.step) = (run, checkpoint, step)
    (self.weightsDigest, self.changes) = (weightsDigest, changes)
  }

  /// nil where that is not told.
  init?(_ values: JSONObject, step: Int?) {
    guard let step, step >= 0, let checkpoint = values["checkpoint"]?.string,
      let digest = values["weights_digest"]?.string, let changed = values["changed"]?.object
    else { return nil }
    self.init(
      run: values["run"]?.string, checkpoint: checkpoint, step: step, weightsDigest: digest,
      changes: changed.members.map { member in
        let both = member.value.array ?? []
        return Change(key: member.name, old: both.first?.string, new: both.last?.string)
      })
  }

  /// What the metadata of a checkpoint tell; nil for one of a run that began by itself.
  ///
  /// - Throws: `RunError.input` where it cannot be read, or is of a later step: a run would take it for its beginning.
  init?(metadata: [String: String], of path: String, until step: Int) throws(RunError) {
    guard let text = metadata[Self.key] else { return nil }
    let json = (try? JSONValue(parsing: text))?.object
    guard let json, let origin = Origin(json, step: json["step"]?.integer), origin.step <= step else {
      throw .input("\(path): the checkpoint is of a forked run, and does not say from where. Use an earlier one.")
    }
    self = origin
  }
}
