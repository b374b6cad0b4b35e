import LockstepFormats

extension ThreadScaling {
  /// The figures as `lockstep scale --json` writes them.
  public var json: JSONObject {
    [
      "name": .string(name), "processor": .string(processor), "cores": .integer(cores),
      "automatic_threads": automaticThreads.map { .integer($0) } ?? .null, "reference_threads": .integer(reference),
      "steps": .integer(steps), "batch": .integer(batch),
      "shards": .integer(shards), "weak": .bool(isWeak),
      "ideal_ceiling_samples_per_second": .number(idealCeiling),
      "digests_agree": isWeak ? .null : .bool(digestsAgree),
      "unshared_share": unsharedShare.map { .number($0) } ?? .null,
      "rows": .array(
        rows.map { row in
          var phases: JSONObject = [:]
          for (phase, share) in row.phases { phases[phase.name] = .number(share) }
          return [
            "threads": .integer(row.threads), "batch": .integer(row.batch), "shards": .integer(row.shards),
            "teams": .integer(row.teams), "without_core_share": .number(row.delay),
            "one_thread_share": .number(row.aloneShare),
            "samples_per_second": .number(row.samplesPerSecond),
            "speed_up": .number(row.speedUp),
            "efficiency": .number(row.efficiency), "ceiling_samples_per_second": .number(row.ceiling),
            "ceiling_share": .number(row.ceilingShare),
            "ideal_ceiling_share": .number(row.samplesPerSecond / idealCeiling),
            "phases": .object(phases), "weights_digest": .string(row.weightsDigest),
          ]
        }),
    ]
  }
}
