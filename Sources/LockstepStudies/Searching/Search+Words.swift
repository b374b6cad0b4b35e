import LockstepConfiguration
import LockstepFormats
import LockstepRuns

extension Search {
  /// How many trials came how far: `40 trials for 1/27 of their steps, 13 for 1/9, 4 for 1/3, 1 to the end`.
  package var course: String {
    let stages = rungs.enumerated().map { place, rung in
      let count = trials.count { $0.results.count > place }
      let words = place == 0 ? "\(count) \(Format.plural(count, "trial"))" : "\(count)"
      if rung.divisor == 1 { return "\(words) to the end" }
      return "\(words) for 1/\(rung.divisor)\(place == 0 ? " of \(count == 1 ? "its" : "their") steps" : "")"
    }
    return stages.joined(separator: ", ")
  }

  /// The options that give a configuration the settings of a trial, as a shell reads them; nil where one is a key that
  /// changes all layers of its kind.
  package func commandLine(of trial: Trial) -> String? {
    if trial.choices.contains(where: { Variation.layerKeys.contains($0.key) }) { return nil }
    return Shell.command(trial.choices.flatMap { ["--set", "\($0.key)=\($0.value)"] })
  }

  /// The folder of a trial's run in that of a search.
  package func folder(of trial: Trial, in folder: String) -> String { SearchStore.run(trial.number, in: folder) }
}
