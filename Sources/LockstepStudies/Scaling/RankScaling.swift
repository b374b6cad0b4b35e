import LockstepFormats
import LockstepTraining

/// How fast training is on several layouts of ranks and threads, and what goes between the ranks.
///
/// The time of messages is that of the α–β model (Hockney 1994, https://doi.org/10.1016/S0167-8191(06)80021-9): a
/// message of m bytes takes α + β m.
public struct RankScaling: Sendable {
  /// What was measured on one layout.
  public struct Row: Sendable {
    /// Number of ranks.
    public var ranks: Int
    /// Threads of each.
    public var threads: Int
    /// Machines that they run on.
    public var machines: Int
    /// Training samples a second.
    public var samplesPerSecond: Double
    /// Share of the time of rank 0's workers in each phase of a step.
    public var phases: [(phase: Phase, share: Double)]
    /// What goes between the ranks; nil for one rank.
    public var messages: Messages?
    /// SHA-256 of the trained tensors' bytes; see `weightsDigest(of:)`.
    public var weightsDigest: String

    /// The share of the time in one phase.
    package func share(of phase: Phase) -> Double { phases.first { $0.phase == phase }?.share ?? 0 }

    /// Threads of all ranks.
    public var workers: Int { ranks * threads }
  }

  /// What goes between the ranks in a step, as rank 0 sees it.
  public struct Messages: Sendable {
    /// Bytes that it sends.
    public var bytes: Double
    /// The same by the formula; the rest are orders and outcomes.
    public var plannedBytes: Int
    /// Seconds that all messages of a step take by themselves, with nothing computed beside them.
    public var exchangeSeconds: Double
    /// Seconds of a step in which its workers wait for messages, in the mean over them.
    public var waitedSeconds: Double
    /// α: seconds of a message of next to no bytes, from every rank to every other.
    public var latency: Double
    /// β: seconds of a further byte that each rank sends.
    public var secondsPerByte: Double

    /// The share of `exchangeSeconds` in which the workers compute meanwhile.
    public var hiddenShare: Double { min(1, max(0, 1 - waitedSeconds / exchangeSeconds)) }
    /// Seconds of the messages by the model: gradients one way, parameters the other.
    public var modelledSeconds: Double { 2 * latency + secondsPerByte * bytes }
  }

  /// In the order in which they were asked for.
  public var rows: [Row]
  /// Steps that each layout has trained.
  public var steps: Int
  /// Rows of a step.
  public var batch: Int
  /// Shards of the batch.
  public var shards: Int
  /// The configuration's name.
  public var name: String
  /// The processor of rank 0's machine.
  public var processor: String

  /// The row with the fewest threads in all, to which speed-up and efficiency refer.
  var reference: Row? { rows.min { $0.workers < $1.workers } }
  /// Samples a second over those of the reference.
  public func speedUp(_ row: Row) -> Double { row.samplesPerSecond / (reference?.samplesPerSecond ?? .nan) }
  /// `speedUp` over the growth in threads; 1 is ideal.
  public func efficiency(_ row: Row) -> Double {
    speedUp(row) * Double(reference?.workers ?? 1) / Double(row.workers)
  }
  /// Whether all layouts have come to the same bits.
  public var digestsAgree: Bool { Set(rows.map(\.weightsDigest)).count <= 1 }
}
