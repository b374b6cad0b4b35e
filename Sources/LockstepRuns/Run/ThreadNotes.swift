import LockstepFormats
import LockstepKernels
import LockstepTraining

/// What should be known of a number of threads before a run begins: shards that it has none for, cores that it has none
/// on.
package enum ThreadNotes {
  /// - Parameters:
  ///   - threads: as they were asked for.
  ///   - cores: that this process may use.
  package static func of(
    _ threads: Trainer.Threads, shards: Int, cores: Int = Processor.availableCores
  ) -> [String] {
    guard case .count(let wanted) = threads else {
      if cores <= shards { return [] }
      return [
        "\(cores) cores are there and \(shards) used: a new run with training.shards \(cores) would use all (and have other bits)"
      ]
    }
    let atWork = threads.workers(shards: shards)
    var notes: [String] = []
    if wanted > atWork {
      notes.append(
        "\(wanted) threads were asked for, but \(shards) \(shards == 1 ? "shard keeps" : "shards keep") at most \(atWork) busy"
      )
    }
    if let note = beyondCores(atWork, cores: cores) { notes.append(note) }
    return notes
  }

  /// nil where every thread has a core.
  package static func beyondCores(_ threads: Int, cores: Int = Processor.availableCores) -> String? {
    if threads <= cores { return nil }
    return
      "\(threads) threads on the \(cores) \(Format.plural(cores, "core")) that this process may use take turns: \(cores) would be as fast"
  }
}
