import Dispatch
import LockstepKernels
import Synchronization

/// Ranks that are threads of one process, and hand each other copies.
package final class LocalCommunicator: Communicator {
  package let rank: Int
  package let size: Int
  private let boxes: [Mailbox]
  /// Begun and not done yet; one that is sent is done, but for its place among the others.
  private let awaited = Mutex<[(bytes: UInt, count: Int, source: Int)]>([])

  /// What one rank has sent to another.
  ///
  /// `@unchecked Sendable`: a queue guards it, which the thread sanitizer knows, as it does not know a `Mutex`.
  private final class Mailbox: @unchecked Sendable {
    private let queue = DispatchQueue(label: "mailbox")
    private var messages: [[UInt8]] = []
    private let filled = DispatchSemaphore(value: 0)

    func put(_ message: [UInt8]) {
      queue.sync { messages.append(message) }
      filled.signal()
    }

    func take() -> [UInt8] {
      filled.wait()
      return queue.sync { messages.removeFirst() }
    }
  }

  private let beside: LocalCommunicator?
  /// Messages that are done.
  private let ended = Mutex(0)
  private let sent = Mutex(0)

  private init(rank: Int, size: Int, _ boxes: [Mailbox], beside: LocalCommunicator?) {
    (self.rank, self.size, self.boxes, self.beside) = (rank, size, boxes, beside)
  }

  /// All ranks of a run.
  package static func ranks(_ size: Int) -> [LocalCommunicator] {
    let boxes = (0..<2).map { _ in (0..<size * size).map { _ in Mailbox() } }
    return (0..<size).map { rank in
      let beside = LocalCommunicator(rank: rank, size: size, boxes[1], beside: nil)
      return LocalCommunicator(rank: rank, size: size, boxes[0], beside: beside)
    }
  }

  package func host(of rank: Int) -> String { "host\(rank)" }

  package var background: any Communicator { beside ?? self }

  package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {
    precondition(rank != self.rank, "a message to itself")
    if bytes.isEmpty { return }
    boxes[self.rank * size + rank].put(Array(bytes))
    sent.withLock { $0 += bytes.count }
    awaited.withLock { $0.append((0, 0, rank)) }
  }

  package func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {
    precondition(rank != self.rank, "a message from itself")
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    awaited.withLock { $0.append((UInt(bitPattern: start), bytes.count, rank)) }
  }

  package var begun: Int { ended.withLock { $0 } + awaited.withLock { $0.count } }

  package var sentBytes: Int { sent.withLock { $0 } }

  package func progress() {}

  package func complete(through count: Int) {
    let done = awaited.withLock { awaited in
      let due = max(0, count - ended.withLock { $0 })
      defer { awaited.removeFirst(due) }
      return Array(awaited.prefix(due))
    }
    ended.withLock { $0 += done.count }
    for (start, count, source) in done where count > 0 {
      let message = boxes[source * size + rank].take()
      precondition(
        message.count == count, "rank \(source) sent \(message.count) bytes to rank \(rank), which expects \(count)")
      UnsafeMutableRawPointer(bitPattern: start)?.copyMemory(from: message, byteCount: count)
    }
  }
}

/// What rank 0 of some ranks, each on a thread of its own, comes to.
package func withRanks<Result>(
  _ count: Int, _ body: @escaping @Sendable (LocalCommunicator) throws -> Result
) throws -> Result {
  let ranks = LocalCommunicator.ranks(count)
  let others = DispatchGroup()
  let failure = Mutex<(any Error)?>(nil)
  for rank in ranks.dropFirst() {
    DispatchQueue(label: "rank \(rank.rank)").async(group: others) {
      do { _ = try body(rank) } catch { failure.withLock { $0 = error } }
    }
  }
  let result = try body(ranks[0])
  others.wait()
  if let error = failure.withLock({ $0 }) { throw error }
  return result
}
