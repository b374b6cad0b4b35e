import LockstepFormats
import LockstepTraining

// The rows as a terminal and a page show them.
extension ThreadScaling {
  /// What was trained.
  package var title: String {
    "\(Format.count(steps)) steps of \(Format.count(batch)) samples in \(shards) \(Format.plural(shards, "shard")), best of 3 turns"
  }

  /// By column: its name, and what it says of a row.
  package var columns: [(name: String, cell: (Row) -> String)] {
    func time(_ phases: Phase...) -> (Row) -> String {
      { row in Format.percent(phases.reduce(0) { $0 + row.share(of: $1) }, decimals: 0) }
    }
    return [
      ("threads", { "\($0.threads)\($0.threads > cores ? " +" : "")" }),
      ("samples/s", { Format.count($0.samplesPerSecond) }),
      ("speed-up", { "\(Format.fixed($0.speedUp, 2)) ×" }),
      ("of ideal", { Format.percent($0.efficiency, decimals: 0) }),
      ("of ceiling", { "\($0.isDoubtful ? "! " : "")\(Format.percent($0.ceilingShare, decimals: 0))" }),
      ("data", time(.load)), ("layers", time(.differentiate)), ("update", time(.reduce, .update, .account)),
      ("wait", time(.wait)),
    ]
  }

  /// The rows under `columns`.
  package var cells: [[String]] { rows.map { row in columns.map { $0.cell(row) } } }

  /// What the columns are, and the marks in them.
  package var legend: [(String, String)] {
    var rows = [
      ("speed-up", "against \(Self.words(reference))"), ("of ideal", "speed-up over the growth in threads"),
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
    if self.rows.contains(where: \.isDoubtful) { rows.append(("!", "more than there is: the machine was busy")) }
    return rows
  }
}
