import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies
import LockstepTraining

// Speed, checkpoints and environment.
extension RunHistory {
  var speed: [HTML] {
    let rate = curve(
      "Samples a second, mean since the run was begun or resumed",
      [LineChart.Series(name: "", points: points("samples_per_second"))], fromZero: true)
    guard let phases = record.summary?["phases"]?.object else {
      return [
        Page.grid([rate]),
        Page.paragraph("The shares of the phases stand in the summary, which is written when a run ends.", quiet: true),
      ]
    }
    let parts = Phase.allCases.map(\.name).filter { phases[$0] != nil || $0 != Phase.communicate.name }
    let rows = parts.map { part in
      let share = phases[part]?.number ?? 0
      return [HTML.text(part), Page.bar(share, text: Format.percent(share))]
    }
    return [
      Page.grid(
        [
          rate,
          Page.figure(
            Page.table(["phase", "share of the time"], rows, right: [1]),
            caption: "The workers' time by phase of a step; wait is at barriers, for the slowest"
              + (parts.last == Phase.communicate.name
                ? "; communicate is for the other ranks, and those for theirs" : "")),
        ])
    ]
  }

  var checkpointTable: [HTML] {
    if checkpoints.isEmpty { return [Page.paragraph("None was saved.", quiet: true)] }
    let most = 100
    let metric = record.best?.metric ?? "loss"
    let values = Dictionary(
      record.evaluations.map { ($0.step, $0.metrics[metric]?.number) }, uniquingKeysWith: { $1 })
    let rows = checkpoints.suffix(most).map { checkpoint in
      [
        HTML.text(Format.count(checkpoint.step)), .text(Format.bytes(checkpoint.bytes)),
        .text((values[checkpoint.step] ?? nil).map { Format.significant($0) } ?? ""),
        .text(record.best?.step == checkpoint.step ? "best" : ""),
        checkpoint.weightsDigest.map { .element("code", text: $0) } ?? .text("its header cannot be read"),
      ]
    }
    let note =
      "The digest is the SHA-256 of the tensors, as the file says; lockstep inspect verifies every byte."
      + (checkpoints.count > most ? " The newest \(most) of \(Format.count(checkpoints.count))." : "")
    return [
      Page.table(["step", "size", "validation \(metric)", "", "weights digest"], rows, right: [0, 1, 2]),
      Page.paragraph(note, quiet: true),
    ]
  }

  var environment: [(name: String, text: String)] {
    let named = [
      ("lockstep_version", "lockstep"), ("arithmetic.instruction_set", "instruction set"),
      ("zstd_version", "compression"), ("data.train", "training data"),
      ("arithmetic.fingerprint", "arithmetic fingerprint"), ("accepted_different_arithmetic", "accepted"),
      ("changed_length", "length changed"),
    ]
    var facts: [(name: String, text: String)] = []
    if let origin = record.origin {
      facts.append(("forked from", "\(origin.words): \(origin.checkpoint), weights digest \(origin.weightsDigest)"))
      let changes = origin.changes.map(\.words).joined(separator: "; ")
      facts.append(("set otherwise", changes.isEmpty ? "nothing" : changes))
    }
    if let processor = record.summary?["processor"]?.string { facts.append(("processor", processor)) }
    if let threads { facts.append(("threads", threads)) }
    if let parameters = record.summary?["parameters"]?.integer {
      facts.append(("parameters", Format.count(parameters)))
    }
    facts += named.compactMap { key, name in metadata[key].map { (name, $0) } }
    return facts.isEmpty
      ? [("unknown", "neither a summary nor a checkpoint is there, which tell of machine and versions")] : facts
  }
}
