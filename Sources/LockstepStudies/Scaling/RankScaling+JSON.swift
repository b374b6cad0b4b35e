import LockstepFormats
import LockstepRuns
import LockstepTraining

extension RankScaling {
  /// The figures as `lockstep scale --json` writes them where there are ranks.
  public var json: JSONObject {
    [
      "name": .string(name), "processor": .string(processor), "steps": .integer(steps), "batch": .integer(batch),
      "shards": .integer(shards), "digests_agree": .bool(digestsAgree),
      "layouts": .array(
        rows.map { row in
          var phases: JSONObject = [:]
          for (phase, share) in row.phases { phases[phase.name] = .number(share) }
          return [
            "ranks": .integer(row.ranks), "threads": .integer(row.threads), "machines": .integer(row.machines),
            "samples_per_second": .number(row.samplesPerSecond), "speed_up": .number(speedUp(row)),
            "efficiency": .number(efficiency(row)), "phases": .object(phases),
            "messages": row.messages.map { .object($0.json) } ?? .null,
            "weights_digest": .string(row.weightsDigest),
          ]
        }),
    ]
  }

  /// What a process that measured one layout has written.
  ///
  /// - Throws: `RunError.failed` where it has written nothing of the kind.
  package init(file path: String) throws(RunError) {
    guard let json = (try? RunFolder.readJSON(path)) ?? nil, let scaling = RankScaling(json: json) else {
      throw .failed("\(path): found no figures of a layout of ranks")
    }
    self = scaling
  }

  init?(json: JSONObject) {
    guard let steps = json["steps"]?.integer, let batch = json["batch"]?.integer, let shards = json["shards"]?.integer,
      let layouts = json["layouts"]?.array
    else { return nil }
    let rows = layouts.compactMap { $0.object.flatMap { Row(json: $0) } }
    guard rows.count == layouts.count, !rows.isEmpty else { return nil }
    self.init(
      rows: rows, steps: steps, batch: batch, shards: shards, name: json["name"]?.string ?? "",
      processor: json["processor"]?.string ?? "")
  }
}

extension RankScaling.Row {
  fileprivate init?(json: JSONObject) {
    guard let ranks = json["ranks"]?.integer, let threads = json["threads"]?.integer, ranks > 0, threads > 0,
      let machines = json["machines"]?.integer, let rate = json["samples_per_second"]?.number, rate > 0,
      let shares = json["phases"]?.object, let digest = json["weights_digest"]?.string
    else { return nil }
    self.init(
      ranks: ranks, threads: threads, machines: machines, samplesPerSecond: rate,
      phases: Phase.allCases.compactMap { phase in shares[phase.name]?.number.map { (phase, $0) } },
      messages: json["messages"]?.object.flatMap { RankScaling.Messages(json: $0) }, weightsDigest: digest)
  }
}

extension RankScaling.Messages {
  fileprivate var json: JSONObject {
    [
      "bytes": .number(bytes), "formula_bytes": .integer(plannedBytes), "exchange_seconds": .number(exchangeSeconds),
      "waited_seconds": .number(waitedSeconds), "hidden_share": .number(hiddenShare),
      "latency_seconds": .number(latency), "seconds_per_byte": .number(secondsPerByte),
      "modelled_seconds": .number(modelledSeconds),
    ]
  }

  fileprivate init?(json: JSONObject) {
    func number(_ key: String) -> Double? { json[key]?.number }
    guard let bytes = number("bytes"), let planned = json["formula_bytes"]?.integer,
      let exchange = number("exchange_seconds"), let waited = number("waited_seconds"),
      let latency = number("latency_seconds"), let perByte = number("seconds_per_byte")
    else { return nil }
    self.init(
      bytes: bytes, plannedBytes: planned, exchangeSeconds: exchange, waitedSeconds: waited, latency: latency,
      secondsPerByte: perByte)
  }
}
