import LockstepFormats
import LockstepTraining

// The rows as a terminal and a page show them.
extension RankScaling {
  /// What was trained.
  package var title: String {
    "\(Format.count(steps)) steps of \(Format.count(batch)) samples in \(shards) \(Format.plural(shards, "shard")), best of 3 turns"
  }

  /// By column: its name, and what it says of a row.
  package var columns: [(name: String, cell: (Row) -> String)] {
    func time(_ phases: Phase...) -> (Row) -> String {
      { row in Format.percent(phases.reduce(0) { $0 + row.share(of: $1) }, decimals: 0) }
    }
    func messages(_ text: @escaping (Messages) -> String) -> (Row) -> String { { row in row.messages.map(text) ?? "" } }
    return [
      ("ranks", { "\($0.ranks)" }), ("threads", { "\($0.threads)" }),
      ("samples/s", { Format.count($0.samplesPerSecond) }),
      ("speed-up", { "\(Format.fixed(speedUp($0), 2)) ×" }),
      ("of ideal", { Format.percent(efficiency($0), decimals: 0) }),
      ("layers", time(.load, .differentiate)), ("update", time(.reduce, .update, .account)), ("wait", time(.wait)),
      ("messages", time(.communicate)), ("sent", messages { Format.bytes(Int($0.bytes)) }),
      ("alone", messages { Format.short($0.exchangeSeconds) }),
      ("hidden", messages { Format.percent($0.hiddenShare, decimals: 0) }),
    ]
  }

  /// The rows under `columns`.
  package var cells: [[String]] { rows.map { row in columns.map { $0.cell(row) } } }

  /// What the columns are.
  package var legend: [(String, String)] {
    var rows: [(String, String)] = []
    if self.rows.count > 1, let reference {
      rows.append(("speed-up", "against \(Self.words(reference))"))
      rows.append(("of ideal", "growth in samples/s over the growth in threads of all ranks"))
    }
    rows.append(
      (
        "layers … messages",
        "where the time of rank 0's threads goes: samples, forward and backward pass; sums of gradients, optimizer and statistics; waiting for its other threads; waiting for other ranks"
      ))
    if self.rows.contains(where: { $0.messages != nil }) {
      rows.append(("sent", "bytes that rank 0 sends in a step"))
      rows.append(("alone", "what the messages of a step take with nothing computed beside them"))
      rows.append(
        ("hidden", "the part of that in which they compute meanwhile; waiting for a slower rank counts against it"))
    }
    return rows
  }

  /// Whether the bits are the same, and the digests that say so.
  package var bits: (verdict: String, digests: [String]) {
    if rows.count == 1 { return ("bits of this layout", ["weights digest \(rows[0].weightsDigest)"]) }
    if digestsAgree { return ("same bits on every row", ["weights digest \(rows.first?.weightsDigest ?? "")"]) }
    return ("DIFFERENT BITS", rows.map { "\(Self.words($0)): \($0.weightsDigest)" })
  }

  /// What the figures say, in sentences.
  package var sentences: [String] { rows.compactMap(sentence) }

  private func sentence(_ row: Row) -> String? {
    guard let messages = row.messages else { return nil }
    let ratio = messages.bytes / Double(messages.plannedBytes)
    let rate =
      messages.secondsPerByte > 0
      ? "bytes go at \(Format.significant(1e-9 / messages.secondsPerByte, 3)) GB/s" : "a byte next to nothing"
    return
      "\(Self.words(row)) on \(row.machines) \(Format.plural(row.machines, "machine")): a message takes \(Format.short(messages.latency)), \(rate), by which those of a step take \(Format.short(messages.modelledSeconds)); measured, \(Format.short(messages.exchangeSeconds)). Rank 0 sends \(Format.fixed(ratio, 3)) × the bytes of the formula."
  }

  static func words(_ row: Row) -> String {
    "\(row.ranks) \(Format.plural(row.ranks, "rank")) of \(row.threads) \(Format.plural(row.threads, "thread"))"
  }
}
