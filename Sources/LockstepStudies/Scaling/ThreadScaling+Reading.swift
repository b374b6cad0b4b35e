import LockstepFormats
import LockstepRuns
import LockstepTraining

extension ThreadScaling {
  /// What `json` holds. Of files of earlier versions some is not known: the cores are then taken to be as many as the
  /// most threads.
  ///
  /// - Parameter path: of the file.
  /// - Throws: `RunError.input` where there is no such file, or something else in it.
  package init(file path: String) throws(RunError) {
    let json: JSONObject?
    do throws(FileError) { json = try RunFolder.readJSON(path) } catch {
      throw .input("\(path): found a file that cannot be read: \(error.problem)")
    }
    guard let json, let scaling = ThreadScaling(json: json) else {
      let found = (try? Folder.item(at: path)) == .missing ? "no such file" : "something else"
      throw .input("\(path): found \(found), expected the figures of lockstep scale --json")
    }
    self = scaling
  }

  private init?(json: JSONObject) {
    guard let steps = json.count("steps"), let batch = json.count("batch"), let shards = json.count("shards"),
      let objects = json["rows"]?.array, !objects.isEmpty
    else { return nil }
    func text(_ key: String) -> String { Display.singleLine(json[key]?.string ?? "") }
    let rows = objects.compactMap { $0.object.flatMap { Row(json: $0, batch: batch, shards: shards) } }
    guard rows.count == objects.count, Set(rows.map(\.threads)).count == rows.count else { return nil }
    self.init(
      rows: rows, steps: steps, batch: batch, shards: shards, isWeak: json["weak"]?.bool ?? false,
      idealCeiling: json["ideal_ceiling_samples_per_second"]?.number ?? .nan, name: text("name"),
      processor: text("processor"), cores: json.count("cores") ?? rows.map(\.threads).max() ?? 1,
      automaticThreads: json.count("automatic_threads"))
  }
}

extension ThreadScaling.Row {
  fileprivate init?(json: JSONObject, batch: Int, shards: Int) {
    // What can be compared, drawn and divided by.
    func positive(_ key: String) -> Double? { json[key]?.number.flatMap { (1e-9...1e15).contains($0) ? $0 : nil } }
    func share(_ value: JSONValue?) -> Double { min(1, max(0, value?.number ?? 0)) }
    guard let threads = json.count("threads"), threads <= 128,
      let rate = positive("samples_per_second"), let ceiling = positive("ceiling_samples_per_second"),
      let speedUp = positive("speed_up"), let efficiency = positive("efficiency"),
      let shares = json["phases"]?.object, let digest = json["weights_digest"]?.string
    else { return nil }
    self.init(
      threads: threads, batch: json.count("batch") ?? batch, shards: json.count("shards") ?? shards,
      samplesPerSecond: rate, ceiling: ceiling, speedUp: speedUp, efficiency: efficiency,
      teams: json.count("teams") ?? threads, delay: share(json["without_core_share"]),
      aloneShare: share(json["one_thread_share"]),
      phases: Phase.allCases.filter { shares[$0.name] != nil }.map { ($0, share(shares[$0.name])) },
      weightsDigest: Display.singleLine(digest))
  }
}

extension JSONObject {
  /// A number of things, from 1 on, that may be multiplied by others of its kind.
  fileprivate func count(_ key: String) -> Int? { self[key]?.integer.flatMap { (1...1 << 31).contains($0) ? $0 : nil } }
}
