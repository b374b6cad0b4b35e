import LockstepConfiguration
import LockstepFormats
import LockstepRuns

/// A run as MLflow's files say it.
struct MLflowRun {
  /// 32 hexadecimal digits that follow from where the run stands and from every setting that touches its bits. So one
  /// that goes on stays the same run, and one that begins anew with other settings in the same folder is another.
  let identifier: String
  /// When the run began, or went on last, and when it ended, in milliseconds since 1970; no end for one that goes on.
  let start: Int
  let end: Int?
  private let history: RunHistory

  init(_ history: RunHistory) {
    self.history = history
    let record = history.record
    let settings = record.configuration.bits.map { "\($0.key)=\($0.value)" }
    let text = ([Folder.absolute(record.path)] + settings).joined(separator: "\n")
    identifier = String(SHA256Digest.hexadecimal(of: Array(text.utf8)).prefix(32))
    func written(_ name: String) -> Int { (Folder.lastWritten("\(record.path)/\(name)") ?? 0) / 1_000_000 }
    start = written("config.yaml")
    end = record.state == .running ? nil : max(start, written(record.summary == nil ? "metrics.jsonl" : "summary.json"))
  }

  /// `meta.yaml`.
  ///
  /// - Parameters:
  ///   - experiment: that it belongs to.
  ///   - artifacts: the address of its files.
  func meta(experiment: String, artifacts: String) -> String {
    """
    artifact_uri: \(artifacts)
    deleted_time: null
    end_time: \(end.map { "\($0)" } ?? "null")
    entry_point_name: ''
    experiment_id: '\(experiment)'
    lifecycle_stage: active
    run_id: '\(identifier)'
    run_name: \(ResolvedValue.text(name).flow)
    run_uuid: '\(identifier)'
    source_name: ''
    source_type: 4
    source_version: ''
    start_time: \(start)
    status: \(status)
    tags: []
    user_id: ''

    """
  }

  private var name: String { Folder.lastName(of: history.record.path) }

  /// MLflow's numbers: 1 running, 3 finished, 4 failed, 5 killed, which a paused run comes closest to.
  private var status: Int {
    switch history.state {
    case .running: 1
    case .finished, .stoppedEarly: 3
    case .diverged, .failed: 4
    case .paused, .killed: 5
    }
  }

  // MARK: Its files

  /// Path and content of every file but `meta.yaml`.
  var files: [(path: String, text: String)] {
    let metrics = metrics.map { (path: "metrics/\($0.name)", text: $0.lines) }
    let settings = history.record.configuration.settings.map { key, value in
      (path: "params/\(Self.plain(key))", text: value.text)
    }
    let tags = tags.map { (path: "tags/\($0.name)", text: $0.text) }
    let copies = ["config.yaml", "summary.json"].compactMap { name in
      ((try? MLflowStore.text(at: "\(history.record.path)/\(name)")) ?? nil).map {
        (path: "artifacts/\(name)", text: $0)
      }
    }
    return metrics + settings + tags + copies
  }

  private var tags: [(name: String, text: String)] {
    let version = history.metadata["lockstep_version"]
    let checkpoint = history.checkpoints.last
    return [
      ("mlflow.runName", name), ("mlflow.source.name", "lockstep"), ("mlflow.source.type", "LOCAL"),
      ("lockstep.folder", Folder.absolute(history.record.path)), ("lockstep.state", history.state.word),
      ("lockstep.version", version), ("lockstep.checkpoint", checkpoint.map { Folder.absolute($0.path) }),
      ("lockstep.weights_digest", checkpoint?.weightsDigest),
    ].compactMap { name, text in text.map { (name, $0) } }
  }

  /// The figures of the log by their names in `metrics.csv`, those of layers behind `layers/`, a line a value.
  /// The log has no clock: all bear the time at which the run began, and MLflow orders them by their steps.
  private var metrics: [(name: String, lines: String)] {
    var (names, lines): ([String], [String: String]) = ([], [:])
    func add(_ name: String, _ value: JSONValue, _ step: Int) {
      guard let number = value.number, number.isFinite else { return }
      if lines[name] == nil { names.append(name) }
      lines[name, default: ""] += "\(start) \(number) \(step)\n"
    }
    for line in history.lines {
      let members = line.values.members.filter { $0.name != "event" && $0.name != "step" }
      switch line.event {
      case "train": for member in members { add(member.name, member.value, line.step) }
      case "layers":
        for case .object(let layer) in line.values["layers"]?.array ?? [] {
          for member in layer.members {
            add("layers/\(member.name)/\(layer["name"]?.string ?? "")", member.value, line.step)
          }
        }
      default: break
      }
    }
    for (step, metrics) in history.record.evaluations {
      for member in metrics.members where member.name != "event" && member.name != "step" {
        add("validation_\(member.name)", member.value, step)
      }
    }
    return names.map { ($0, lines[$0] ?? "") }
  }

  /// MLflow's names have letters, digits, blanks and _ - . : / only.
  private static func plain(_ name: String) -> String {
    String(
      name.unicodeScalars.reduce(into: String.UnicodeScalarView()) { text, scalar in
        let isPlain =
          scalar.isASCII && scalar.properties.isAlphabetic || "0123456789_-. ".unicodeScalars.contains(scalar)
        text.append(isPlain ? scalar : "_")
      })
  }
}

extension ResolvedValue {
  /// As a person reads it: text without quotes.
  fileprivate var text: String {
    if case .text(let text) = self { text } else { flow }
  }
}
