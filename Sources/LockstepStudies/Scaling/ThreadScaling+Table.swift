import LockstepFormats
import LockstepTraining

// The rows as a terminal and a page show them.
extension ThreadScaling {
  /// What was trained.
  package var title: String {
    let each = isWeak ? " for every \(reference == 1 ? "thread" : Self.words(reference))" : ""
    return
      "\(Format.count(steps)) steps of \(Format.count(batch)) samples in \(shards) \(Format.plural(shards, "shard"))\(each), best of 3 turns"
  }

  /// By column: its name, and what it says of a row.
  package var columns: [(name: String, cell: (Row) -> String)] {
    func time(_ phases: Phase...) -> (Row) -> String {
      { row in Format.percent(phases.reduce(0) { $0 + row.share(of: $1) }, decimals: 0) }
    }
    return [
      ("threads", { "\($0.threads)\($0.threads > cores ? " +" : "")" }),
      ("samples/s", { Format.count($0.samplesPerSecond) }),
      isWeak ? ("batch", { Format.count($0.batch) }) : ("speed-up", { "\(Format.fixed($0.speedUp, 2)) ×" }),
      ("of ideal", { Format.percent($0.efficiency, decimals: 0) }),
      ("of ceiling", { "\($0.isDoubtful ? "! " : "")\(Format.percent($0.ceilingShare, decimals: 0))" }),
      ("data", time(.load)), ("layers", time(.differentiate)), ("update", time(.reduce, .update, .account)),
      ("wait", time(.wait)),
    ]
  }

  /// The rows under `columns`.
  package var cells: [[String]] { rows.map { row in columns.map { $0.cell(row) } } }

  /// Whether the bits are the same, and the digests that say so.
  package var bits: (verdict: String, digests: [String]) {
    let digests = rows.map { "\($0.threads): \($0.weightsDigest)" }
    if isWeak { return ("other batches on every row, so other bits", digests) }
    if digestsAgree { return ("same bits on every row", ["weights digest \(rows.first?.weightsDigest ?? "")"]) }
    return ("DIFFERENT BITS", digests)
  }

  /// What the columns are, and the marks in them.
  package var legend: [(String, String)] {
    var rows = [
      isWeak
        ? ("batch", "samples of a step: as many more as there are threads, and so are the shards")
        : ("speed-up", "against \(Self.words(reference))"),
      ("of ideal", "growth in samples/s over the growth in threads"),
      ("of ceiling", "samples/s against those of the step's matrix products alone"),
      (
        "data … wait",
        "where the threads' time goes: writing samples; forward and backward pass; exchange of gradients, optimizer and statistics; waiting for the slowest"
      ),
    ]
    if self.rows.contains(where: { $0.threads > cores }) {
      rows.append(
        (
          "+",
          "more threads than the \(cores) \(Format.plural(cores, "core")) that this process may use: they take turns"
        ))
    }
    if self.rows.contains(where: \.isDoubtful) { rows.append(Self.doubtMark) }
    return rows
  }

  /// The mark of a row that is doubtful, and what it says.
  static let doubtMark = ("!", "not to be relied on: the machine was busy")
}
