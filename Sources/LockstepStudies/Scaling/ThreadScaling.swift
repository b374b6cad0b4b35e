import LockstepTraining

/// How fast training is on several thread counts, each beside the speed of its matrix products alone.
///
/// They take turns, so that a machine that slows down for a while slows all of them;
/// every figure is the best of several turns.
public struct ThreadScaling: Sendable {
  /// What was measured on one thread count.
  public struct Row: Sendable, Equatable {
    /// Number of threads.
    public var threads: Int
    /// Rows of a step.
    public var batch: Int
    /// Shards of the batch.
    public var shards: Int
    /// Training samples a second.
    public var samplesPerSecond: Double
    /// Samples a second of the matrix products alone, on as many threads and shards.
    public var ceiling: Double
    /// `samplesPerSecond` over that of the row with the fewest threads.
    public var speedUp: Double
    /// `speedUp` over the ratio of the threads to those of that row; 1 is ideal.
    public var efficiency: Double
    /// Teams of workers that share the shards; as many as threads where no shard is shared.
    public var teams: Int
    /// Share of the threads' time in which they were ready and had no core; 0 where there are more of them than cores.
    public var delay = 0.0
    /// Share of the steps that one thread has made alone, because threads that had no core held the others up; see
    /// `Trainer.stepsAlone`.
    public var aloneShare = 0.0
    /// Share of the workers' time in each phase of a step.
    public var phases: [(phase: Phase, share: Double)]
    /// SHA-256 of the trained tensors' bytes; see `weightsDigest(of:)`.
    public var weightsDigest: String

    /// `samplesPerSecond` over `ceiling`.
    public var ceilingShare: Double { samplesPerSecond / ceiling }
    /// Whether something else had the cores: a step was faster than its ceiling, or threads had none for more than a
    /// twentieth of their time.
    public var isDoubtful: Bool { ceilingShare > 1 || delay > 0.05 }
    /// The share of the time in one phase.
    package func share(of phase: Phase) -> Double { phases.first { $0.phase == phase }?.share ?? 0 }

    /// Whether threads, speed, ceiling and digest are equal.
    public static func == (a: Row, b: Row) -> Bool {
      a.threads == b.threads && a.samplesPerSecond == b.samplesPerSecond && a.ceiling == b.ceiling
        && a.weightsDigest == b.weightsDigest
    }
  }

  /// A row for each thread count, in the order in which they were asked for.
  public var rows: [Row]
  /// The fewest threads of any row, to which speed-up and efficiency refer.
  public var reference: Int { rows.map(\.threads).min() ?? 1 }
  /// Steps that each count has trained.
  public var steps: Int
  /// Rows of a step of the fewest threads.
  public var batch: Int
  /// Shards of that batch.
  public var shards: Int
  /// Whether batch and shards grow as the threads do, so that samples a thread stay the same. Otherwise all counts
  /// train the same steps.
  public var isWeak: Bool
  /// Samples a second of the matrix products alone with one shard a thread, on the most threads: the ceiling that speed
  /// goals are measured against.
  public var idealCeiling: Double
  /// The configuration's name.
  public var name: String
  /// The machine's processor.
  public var processor: String
  /// Cores that the process could use.
  public var cores: Int
  /// What `threads: auto` takes there; nil where that is not known.
  public var automaticThreads: Int?
  /// Whether all that have trained the same have come to the same bits: all thread counts, unless the batch grows.
  public var digestsAgree: Bool { isWeak || Set(rows.map(\.weightsDigest)).count <= 1 }
}
