import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepTraining

/// Notes about a number of threads before a run begins: that there are fewer shards, or fewer cores, than threads.
package enum ThreadNotes {
  /// - Parameters:
  ///   - threads: the number that was asked for.
  ///   - batch: rows of a batch, which bound the shards that are worth having.
  ///   - cores: the cores that this process may use.
  package static func of(
    _ threads: Trainer.Threads, shards: Int, batch: Int, cores: Int = Processor.availableCores
  ) -> [String] {
    guard case .count(let wanted) = threads else {
      // A shard of fewer rows than BatchNorm's statistics want is no remedy.
      let useful = min(cores, batch / Shard.rowsForStatistics)
      if useful <= shards { return [] }
      let all = useful == cores ? "all" : "\(useful)"
      return [
        "\(cores) cores are there and \(shards) used: a new run with training.shards \(useful) would use \(all) (and have other bits)"
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

  /// A note where there are more threads than cores; else nil.
  package static func beyondCores(_ threads: Int, cores: Int = Processor.availableCores) -> String? {
    if threads <= cores { return nil }
    return
      "\(threads) threads on the \(cores) \(Format.plural(cores, "core")) that this process may use take turns: \(cores) would be as fast"
  }
}
