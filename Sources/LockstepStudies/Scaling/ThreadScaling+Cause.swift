import LockstepFormats
import LockstepTraining

// Why speed does not grow as threads do.
extension ThreadScaling {
  /// The part of a step that threads cannot share: s of T(n) = T₁ (s + (1 − s) / n) — Amdahl 1967,
  /// https://doi.org/10.1145/1465482.1465560 — fitted by least squares to the time of a sample on all counts up to the
  /// cores; nil for fewer than two of them, where one is not to be relied on, and where the batch grows with the
  /// threads.
  public var unsharedShare: Double? {
    let counts = rows.filter { $0.threads <= cores }
    guard counts.count > 1, !isWeak, !isBusy else { return nil }
    // A line over 1 / n: its height at 0 is the part that is not shared, its height at 1 the time on one thread.
    let points = counts.map { (x: 1 / Double($0.threads), y: 1 / $0.samplesPerSecond) }
    let count = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    let slope = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    let (unshared, whole) = (y - slope * x, y + slope * (1 - x))
    return whole > 0 ? min(1, max(0, unshared / whole)) : 1
  }

  /// What takes a thread's time that it would not take on the fewest threads.
  package enum Cause: Sendable, CaseIterable {
    /// The samples are read more slowly.
    case samples
    /// The products themselves are slower: what the cores share is not enough for all.
    case products
    /// The layers, beside their products.
    case layers
    /// Gradients of all threads are summed, weights updated, statistics pooled.
    case exchange
    /// Some threads wait for others.
    case waiting
  }

  /// The most threads that have a core each, where they are more than the fewest: the row that conclusions are about.
  package var subject: Row? {
    rows.filter { $0.threads <= cores && $0.threads > reference }.max { $0.threads < $1.threads }
  }

  /// What costs the threads of `subject` most, beyond what the same samples cost on the fewest threads, and the share
  /// of their time that it takes; nil where nothing does.
  package var hindrance: (cause: Cause, share: Double)? {
    guard let subject, let first = rows.first(where: { $0.threads == reference }) else { return nil }
    // Seconds of all threads together, a sample.
    func whole(_ row: Row) -> Double { Double(row.threads) / row.samplesPerSecond }
    func further(_ phases: Phase...) -> Double {
      phases.reduce(0) { $0 + subject.share(of: $1) * whole(subject) - first.share(of: $1) * whole(first) }
    }
    let layers = further(.differentiate)
    let products = Double(subject.threads) / subject.ceiling - Double(first.threads) / first.ceiling
    let costs: [(Cause, Double)] = [
      (.samples, further(.load)), (2 * products > layers ? .products : .layers, layers),
      (.exchange, further(.reduce, .update, .account)), (.waiting, further(.wait)),
    ]
    guard let most = costs.max(by: { $0.1 < $1.1 }), most.1 > 0 else { return nil }
    return (most.0, most.1 / whole(subject))
  }

  static func words(_ threads: Int) -> String { "\(threads) \(Format.plural(threads, "thread"))" }

  /// What the figures say, in sentences. What rests on rows of a busy machine is not said.
  package var sentences: [String] {
    [doubt, alone, isBusy ? nil : conclusion, bound, automatic].compactMap { $0 }
  }

  /// Whether something else had the cores on some count up to theirs.
  package var isBusy: Bool { rows.contains { ($0.isDoubtful || $0.aloneShare > 0.05) && $0.threads <= cores } }

  private var doubt: String? {
    func counts(_ isMeant: (Row) -> Bool) -> String? {
      let counts = rows.filter(isMeant).map(\.threads)
      if counts.isEmpty { return nil }
      return "on \(counts.map { "\($0)" }.joined(separator: ", ")) \(counts == [1] ? "thread" : "threads")"
    }
    let faster = counts { $0.ceilingShare > 1 }.map { "\($0) a step was faster than its ceiling" }
    let delayed = counts { $0.ceilingShare <= 1 && $0.isDoubtful }.map {
      "\($0) some were ready to run and had no core"
    }
    if faster == nil && delayed == nil { return nil }
    let both = [faster, delayed].compactMap { $0 }.joined(separator: ", ")
    return "The machine was busy: \(both). Measure again when nothing else runs."
  }

  /// That threads had no core, and left steps to one of them.
  private var alone: String? {
    let shares = rows.filter { $0.aloneShare >= 0.005 }.map {
      "\(Format.percent($0.aloneShare, decimals: 0)) of the steps on \($0.threads)"
    }
    if shares.isEmpty { return nil }
    return
      "One thread alone made \(shares.joined(separator: ", ")) threads: waiting for threads that have no core takes longer. No bit depends on it."
  }

  private var conclusion: String? {
    guard let subject else { return nil }
    let speed =
      "\(Self.words(subject.threads)): \(Format.fixed(subject.speedUp, 2)) × \(reference == 1 ? "one" : Self.words(reference))"
    if subject.efficiency >= 0.97 { return "\(speed), nearly all that there is to be had." }
    guard let hindrance, hindrance.share >= 0.005 else { return "\(speed)." }
    let share = Format.percent(hindrance.share, decimals: 0)
    return
      "\(speed). What holds it back: \(hindrance.cause.words), \(share) of the time. \(advice(hindrance, subject))"
  }

  private func advice(_ hindrance: (cause: Cause, share: Double), _ row: Row) -> String {
    let larger = "training.batch_size=\(2 * batch)"
    switch hindrance.cause {
    case .samples: return "They come from memory or from a file that the threads share."
    case .products: return "Neither shards nor batches change that."
    case .layers where row.teams < row.threads:
      // Shards of fewer than two rows have no statistics.
      let shards = 2 * row.threads <= row.batch ? "training.shards=\(row.threads), " : ""
      return
        "\(row.threads) threads share \(row.shards) \(Format.plural(row.shards, "shard")). More shards or larger batches would help: \(shards)\(larger)."
    case .layers: return "Larger batches would help, as each thread has more rows for the same weights: \(larger)."
    case .exchange: return "Larger batches would help, as one exchange serves more samples: \(larger)."
    case .waiting where !isWeak && row.shards > row.threads && row.shards % row.threads > 0:
      let even = (row.shards + row.threads - 1) / row.threads * row.threads
      return "\(row.shards) shards are not shared evenly. This would help: training.shards=\(even)."
    case .waiting where hindrance.share > 0.3:
      return
        "Either a step is small, and larger batches would help (\(larger)), or something else had the cores: measure again when nothing else runs."
    case .waiting: return "Larger batches would help, as waits are rarer: \(larger)."
    }
  }

  private var bound: String? {
    guard let share = unsharedShare else { return nil }
    let counts = rows.map(\.threads).filter { $0 <= cores }.sorted().map { "\($0)" }.joined(separator: ", ")
    let limit =
      share < 0.0005 ? "" : ": on however many threads, a step is at most \(Format.significant(1 / share, 2)) × as fast"
    return "\(Format.percent(share)) of a step cannot be shared (Amdahl's law, fitted to \(counts) threads)\(limit)."
  }

  private var automatic: String? {
    automaticThreads.map { "threads: auto takes \(Self.words($0)) of \(cores) \(Format.plural(cores, "core"))." }
  }
}

extension ThreadScaling.Cause {
  /// As a conclusion names it.
  var words: String {
    switch self {
    case .samples: "reading the samples"
    case .products: "the matrix products themselves, for which the cores share caches, memory and clock"
    case .layers: "the forward and backward pass beside its products"
    case .exchange: "the exchange of gradients and weights"
    case .waiting: "threads that wait for the slowest"
    }
  }
}
