import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining

extension Metric {
  /// The metric that `--metric` names, one of those that every trial has.
  ///
  /// - Parameters:
  ///   - name: nil for `usual` where every trial has it, else the loss.
  ///   - metrics: those of each trial.
  package static func chosen(_ name: String?, of metrics: [[Metric]], usual: Metric) throws(RunError) -> Metric {
    let common = (metrics.first ?? []).filter { metric in metrics.allSatisfy { $0.contains(metric) } }
    guard let name else { return common.contains(usual) ? usual : .loss }
    if let metric = Metric(rawValue: name), common.contains(metric) { return metric }
    let names = common.map(\.rawValue)
    let hint = ForeignWords.hint(forWord: name, among: names).map { " (\($0))" } ?? ""
    throw .input(
      "--metric \(Display.plain(name)): found no such metric of the loss, expected one of \(names.joined(separator: ", "))\(hint)"
    )
  }
}
