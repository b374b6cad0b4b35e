import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// Notes about a number of threads before a run begins: that there are fewer cores than threads, or why not every core
/// is used.
package enum ThreadNotes {
  /// - Parameters:
  ///   - threads: what was asked for.
  ///   - workers: how many that is on this machine.
  ///   - cores: the cores that this process may use.
  package static func of(
    _ threads: Trainer.Threads, workers: Int, cores: Int = Processor.availableCores
  ) -> [String] {
    switch threads {
    case .count: return beyondCores(workers, cores: cores).map { [$0] } ?? []
    case .auto where workers < cores:
      return [
        "\(workers) of \(cores) cores are used: a step is so small that more threads would wait for each other longer than they save (--threads \(cores) uses all; larger batches need them)"
      ]
    case .auto: return []
    }
  }

  /// A note where there are more threads than cores; else nil.
  package static func beyondCores(_ threads: Int, cores: Int = Processor.availableCores) -> String? {
    if threads <= cores { return nil }
    return
      "\(threads) threads on the \(cores) \(Format.plural(cores, "core")) that this process may use take turns: \(cores) would be as fast"
  }
}
