import LockstepFormats
import LockstepRuns

/// A run's log beside that of training again: where their checkpoints are far apart, it names the step.
struct LogComparison {
  /// The first value that differs; nil where none does.
  private(set) var difference: Verification.Difference.LogValue?
  /// The last step whose lines are the same, before that of the first difference.
  private(set) var lastSame: Int

  /// The events that follow from the configuration and the data alone.
  private static let events: Set<String> = ["train", "validation", "layers", "digest", "skipped"]
  /// What a line says of the machine.
  private static let timings: Set<String> = ["samples_per_second"]

  private struct Place: Hashable {
    let event: String
    let step: Int
    init(_ line: MetricsLine) { (event, step) = (line.event, line.step) }
  }

  /// - Parameters:
  ///   - run: the lines of the run's log; none where it has no log, and nothing is compared.
  ///   - trained: those of training again, which has begun after the step `from`.
  init(_ run: [MetricsLine], _ trained: [MetricsLine], after from: Int) {
    lastSame = from
    if run.isEmpty { return }
    let lines = Dictionary(run.map { (Place($0), $0.values) }, uniquingKeysWith: { _, last in last })
    for line in trained where line.step > from && Self.events.contains(line.event) {
      let found = lines[Place(line)]
      for value in line.values.members where !Self.timings.contains(value.name) && found?[value.name] != value.value {
        difference = Verification.Difference.LogValue(
          event: line.event, step: line.step, name: value.name, found: found?[value.name], expected: value.value)
        lastSame = min(lastSame, line.step - 1)
        return
      }
      lastSame = line.step
    }
  }
}
