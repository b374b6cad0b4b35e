import LockstepKernels
import Synchronization

/// The ranks of a job as one process sees them, from its start to its end. Nothing is trained before all have come as
/// far, with the same program, configuration, data and arithmetic.
package final class Cluster: Sendable {
  package let communicator: any Communicator
  /// Cores that this rank may use.
  package let cores: Int
  /// Of each rank: its machine, and the cores that it is bound to, as the system lists them.
  package let places: [(host: String, cores: String)]
  private let phase = Mutex(Phase.starting)

  private enum Phase {
    /// The others wait to hear whether this rank is ready.
    case starting
    /// Rank 0 leads, and the others wait for its orders.
    case working
    /// Of a job of several runs: one is over, and the others wait to hear which is next.
    case resting
    case ended
  }

  /// Why the job cannot begin, as all ranks hear it.
  package struct Refusal: Error {
    package let message: String
    /// With which every rank ends.
    package let status: Int32
  }

  /// Every rank takes part in it: they share the cores of a machine that they are not bound to parts of.
  ///
  /// - Parameters:
  ///   - affinity: the cores of this process, as the system lists them.
  ///   - granted: by whoever has started the ranks; nil where that is not said.
  package init(
    _ communicator: any Communicator, affinity: String = Processor.affinity, granted: Int? = nil
  ) {
    self.communicator = communicator
    let host = communicator.host(of: communicator.rank)
    places = (0..<communicator.size).map { rank in
      (host: communicator.host(of: rank), cores: communicator.text(affinity, from: rank))
    }
    let neighbours = places.filter { $0.host == host }
    let sharing = neighbours.count { Self.overlap($0.cores, affinity) }
    var cores = Processor.coresByAffinity / sharing
    if let quota = Processor.quota { cores = min(cores, Int(quota) / neighbours.count) }
    self.cores = max(1, min(cores, granted ?? cores))
  }

  /// Whether two lists of cores such as `0-3,8` have one in common; not known, they may.
  static func overlap(_ a: String, _ b: String) -> Bool {
    func ranges(_ list: String) -> [ClosedRange<Int>] {
      list.split(separator: ",").compactMap { part in
        let ends = part.split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { return nil }
        return first...last
      }
    }
    let (a, b) = (ranges(a), ranges(b))
    return a.isEmpty || b.isEmpty || a.contains { core in b.contains { $0.overlaps(core) } }
  }

  /// Whether this rank leads.
  package var leads: Bool { communicator.rank == 0 }

  /// Waits until every rank is ready.
  ///
  /// - Parameters:
  ///   - facts: what has to be the same at all, each by its name in messages.
  ///   - isOfRuns: whether what follows is not a run but the first of several, which rank 0 says.
  /// - Throws: `Refusal` at every rank, where one has failed or has another fact than rank 0; it names the rank.
  package func agree(on facts: [(name: String, value: String)], isOfRuns: Bool = false) throws(Refusal) {
    let lines = facts.map { "\($0.name)\t\($0.value)" }.joined(separator: "\n")
    let answers = tell("\(Self.ready)\n\(lines)")
    if let refusal = refusal(answers) { throw refusal }
    for (rank, answer) in answers.enumerated() where answer != answers[0] {
      throw Refusal(message: difference(of: answer, from: answers[0], rank), status: 2)
    }
    phase.withLock { $0 = isOfRuns ? .resting : .working }
  }

  /// This rank cannot go on; the others are told, if they do not know yet.
  ///
  /// - Returns: whether it is this rank's to say why: rank 0 speaks for all.
  package func fail(_ message: String, status: Int32) -> Bool {
    switch phase.withLock({ $0 }) {
    case .starting: _ = tell("\(status)\n\(message)")
    case .working, .resting: end(status: status)
    case .ended: break
    }
    return leads
  }

  /// Rank 0 has no more orders: the others end with `status`.
  package func end(status: Int32) {
    let before = phase.withLock { phase in
      defer { phase = .ended }
      return phase
    }
    guard leads else { return }
    switch before {
    case .working: communicator.tell(.end(status: status))
    case .resting: _ = communicator.text("\(Self.over) \(status)", from: 0)
    case .starting, .ended: break
    }
  }

  /// The run is over, and the job is not: what follows is the next run or the end.
  package func rest() {
    let isWorking = phase.withLock { phase in
      defer { phase = .resting }
      return phase == .working
    }
    if isWorking, leads { communicator.tell(.end(status: 0)) }
  }

  /// Rank 0 begins the next run, which all ranks are to make ready for.
  ///
  /// - Parameter order: says them which.
  package func begin(_ order: String) {
    phase.withLock { $0 = .starting }
    _ = communicator.text("\(Self.next)\n\(order)", from: 0)
  }

  /// What comes next in a job of several runs, once rank 0 says it.
  package enum Next {
    case run(String)
    case end(status: Int32)
  }

  /// Waits for what comes next.
  package func next() -> Next {
    let text = communicator.text("", from: 0)
    if text.hasPrefix("\(Self.next)\n") {
      phase.withLock { $0 = .starting }
      return .run(String(text.dropFirst(Self.next.count + 1)))
    }
    phase.withLock { $0 = .ended }
    return .end(status: text.split(separator: " ").last.flatMap { Int32($0) } ?? 1)
  }

  /// What every rank says of its start.
  private func tell(_ text: String) -> [String] {
    phase.withLock { $0 = .ended }
    return (0..<communicator.size).map { communicator.text(text, from: $0) }
  }

  private static let ready = "ready"
  private static let next = "next"
  private static let over = "over"

  private func refusal(_ answers: [String]) -> Refusal? {
    guard let rank = answers.firstIndex(where: { !$0.hasPrefix(Self.ready) }) else { return nil }
    let parts = answers[rank].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let message = parts.count > 1 ? String(parts[1]) : ""
    return Refusal(
      message: rank == 0 ? message : "\(communicator.name(of: rank)): \(message)", status: Int32(parts[0]) ?? 1)
  }

  /// Both texts; of long ones the part in which they differ.
  private static func excerpts(_ a: Substring, _ b: Substring) -> [String] {
    let (most, before) = (100, 20)
    if max(a.count, b.count) <= most { return [String(a), String(b)] }
    let common = zip(a, b).prefix { $0 == $1 }.count
    return [a, b].map { text in
      let name = text.prefix { $0 != "\t" }
      let start = max(name.count + 1, common - before)
      let part = text.dropFirst(start)
      return "\(name)\t\(start > name.count + 1 ? "… " : "")\(part.prefix(most))\(part.count > most ? " …" : "")"
    }
  }

  private func difference(of answer: String, from first: String, _ rank: Int) -> String {
    let pairs = zip(first.split(separator: "\n"), answer.split(separator: "\n"))
    guard let (expected, found) = pairs.first(where: { $0 != $1 }) else {
      return "\(communicator.name(of: rank)) has another version of Lockstep than rank 0"
    }
    let words = Self.excerpts(found, expected).map { $0.replacing("\t", with: ": ") }
    return "\(communicator.name(of: rank)): found \(words[0]), expected \(words[1]), as rank 0 has. "
      + "All ranks need the same program, configuration and data: from a shared file system, or copied to the same path on every machine."
  }
}
