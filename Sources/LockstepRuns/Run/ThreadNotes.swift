import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// Notes about a number of threads before a run begins: that there are fewer cores than threads.
package enum ThreadNotes {
  /// - Parameters:
  ///   - threads: the number that was asked for.
  ///   - cores: the cores that this process may use.
  package static func of(_ threads: Trainer.Threads, cores: Int = Processor.availableCores) -> [String] {
    guard case .count(let wanted) = threads else { return [] }
    return beyondCores(wanted, cores: cores).map { [$0] } ?? []
  }

  /// A note where there are more threads than cores; else nil.
  package static func beyondCores(_ threads: Int, cores: Int = Processor.availableCores) -> String? {
    if threads <= cores { return nil }
    return
      "\(threads) threads on the \(cores) \(Format.plural(cores, "core")) that this process may use take turns: \(cores) would be as fast"
  }
}
