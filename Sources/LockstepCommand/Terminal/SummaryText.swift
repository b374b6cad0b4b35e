import Lockstep

/// A run's summary as people read it.
enum SummaryText {
  private static let widestCurve = 40

  /// `2 threads`; of several ranks those of the one that leads.
  static func workers(_ threads: Int, ranks: Int) -> String {
    let text = "\(threads) \(Format.plural(threads, "thread"))"
    return ranks > 1 ? "\(ranks) ranks of \(text)" : text
  }

  /// - Parameters:
  ///   - curve: of the loss over the whole run.
  ///   - columns: of the terminal; nil for none.
  static func of(_ summary: RunSummary, curve: LossCurve, columns: Int? = nil) -> String {
    let json = summary.json
    var rows: [(String, String)] = []
    rows.append(("status", json["status"]?.string?.replacing("_", with: " ") ?? ""))
    if let early = json["stopped_early"]?.object {
      rows.append(("reason", early["message"]?.string ?? ""))
      // Otherwise it stands on the device.
      if json["best"]?.object == nil, let metric = early["metric"]?.string {
        rows.append(("hint", "checkpoint.keep_best: {metric: \(metric)} keeps the checkpoint of the best step"))
      }
    }
    if let best = json["best"]?.object, let step = best["step"]?.integer, let path = best["checkpoint"]?.string {
      rows.append(("best", "step \(Format.count(step)), \(path)"))
    }
    if let steps = json["steps"]?.integer, let samples = json["samples"]?.integer {
      rows.append(("steps", "\(Format.count(steps)), \(Format.count(samples)) samples"))
    }
    if let loss = json["final_loss"]?.number { rows.append(("final loss", Format.significant(loss))) }
    if !curve.isEmpty {
      // Beside the longest name, `weights digest`.
      let scale = curve.isLogarithmic ? " (log scale)" : ""
      let width = min(widestCurve, max(8, (columns ?? .max) - 16 - scale.count))
      rows.append(("loss curve", curve.text(width: width) + scale))
    }
    if let validation = json["validation"]?.object {
      let values = validation.members.map { "\($0.name) \(Format.significant($0.value.number ?? .nan))" }
      rows.append(("validation", values.joined(separator: ", ")))
    }
    if let rate = json["samples_per_second"]?.number, let threads = json["threads"]?.integer {
      rows.append(
        ("speed", "\(Format.count(rate)) samples/s on \(workers(threads, ranks: json["ranks"]?.integer ?? 1))"))
      if let alone = json["one_thread_steps"]?.integer, alone > 0 {
        rows.append(("", "\(Format.count(alone)) of its steps by one thread alone, as others had no core"))
      }
    }
    if let seconds = json["seconds"]?.number { rows.append(("time", Format.duration(seconds))) }
    if let path = json["checkpoint"]?.string { rows.append(("checkpoint", path)) }
    if let digest = json["weights_digest"]?.string { rows.append(("weights digest", digest)) }
    return Table.pairs(rows, columns: columns)
  }
}
