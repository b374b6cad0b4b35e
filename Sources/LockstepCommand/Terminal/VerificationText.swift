import Lockstep

/// A verification as people read it: the intervals, what is amiss, and the one sentence that closes it.
enum VerificationText {
  /// - Parameter columns: of the terminal; nil for none.
  static func of(_ verification: Verification, columns: Int? = nil) -> String {
    let rows = verification.intervals.map { interval in
      ["\(Format.count(interval.from))–\(Format.count(interval.to))", interval.outcome.word]
        + [Format.duration(interval.seconds)]
    }
    // What checkpoints and logs say may come from anyone.
    var parts: [String] = verification.notes.map { "note: \(Display.whole($0))" }
    if let seed = verification.seed {
      parts.append(
        "note: \(verification.intervals.count) of \(verification.allIntervals) intervals, picked by --seed \(seed)")
    }
    if !rows.isEmpty {
      parts.append(Table.text(["steps", "trained again", "time"], rows, right: [2], columns: columns))
    }
    parts += verification.findings.map { Display.whole($0) }
    for interval in verification.intervals {
      switch interval.outcome {
      case .same: break
      case .differs(let difference): parts.append("\(interval.words): \(Display.whole("\(difference)"))")
      case .notTrained(let reason): parts.append("\(interval.words): \(Display.whole(reason))")
      }
    }
    return (parts + [conclusion(verification)]).joined(separator: "\n\n")
  }

  private static func conclusion(_ verification: Verification) -> String {
    let run = Display.whole(verification.run)
    let count = verification.intervals.count
    if verification.isSame {
      let steps = verification.intervals.reduce(0) { $0 + $1.to - $1.from }
      return
        "same: \(Format.count(steps)) \(Format.plural(steps, "step")) in \(count) \(Format.plural(count, "interval")), trained again, have the bits of \(run)"
    }
    let first = verification.firstDifferent
    if case .differs(let difference) = first?.outcome {
      let tensor =
        difference.element.map { ", tensor \($0.tensor)" } ?? (difference.isOfState ? "" : ", in the log alone")
      return "different: \(run) is not what its configuration and data give: first at step \(difference.step)\(tensor)"
    }
    if first != nil { return "not verified: \(run) could not be trained again as it was" }
    return "different: \(run) is not what is told of it, though what was trained again is the same"
  }
}
