import LockstepKernels
import LockstepModel

// What the messages between ranks take by themselves. No bit of a run depends on any of it.
extension Trainer {
  /// Seconds in which all that goes between the ranks in a step goes there while nothing is computed beside it, the
  /// best of so many times; nil where the trainer is alone. What is exchanged is what stands in memory; no parameter
  /// changes.
  package func secondsOfExchange(turns: Int) -> Double? {
    fastest(turns, .exchange) { coordinator.run(.exchange) }
  }

  /// Seconds in which every rank sends every other a message of so many bytes, the best of so many times; nil where the
  /// trainer is alone.
  package func secondsOfMessages(bytes: Int, turns: Int) -> Double? {
    fastest(turns, .sendMessages(bytes: bytes)) { sendMessages(bytes: bytes) }
  }

  private func fastest(_ turns: Int, _ task: Order.Task, _ body: () -> Void) -> Double? {
    guard let ranks else { return nil }
    return (0..<turns).map { _ -> Double in
      ranks.tell(task)
      let begin = MonotonicClock.seconds()
      body()
      return MonotonicClock.seconds() - begin
    }.min()
  }

  /// Every rank takes part in it.
  func sendMessages(bytes: Int) {
    guard let ranks else { return }
    let memory = messages(bytes: bytes * ranks.count)
    ranks.communicator.share(memory) { $0 * bytes..<($0 + 1) * bytes }
    ranks.communicator.complete()
  }

  /// Memory that has been touched before the clock runs.
  private func messages(bytes: Int) -> Slots<UInt8> {
    if let messages, messages.count == bytes { return messages }
    let made = Slots(repeating: UInt8(0), count: bytes)
    messages = made
    return made
  }

  /// Bytes that this rank has sent to others so far.
  package var sentBytes: Int { ranks.map { $0.communicator.sentBytes + $0.background.sentBytes } ?? 0 }

  /// Bytes that this rank sends in a step by the formula of docs/cluster.md: 4 P (R − 1) / R for each node of the tree
  /// that it owns whole, as many for its part of the new parameters, and the statistics of BatchNorms; P in whole
  /// blocks, each rank's part of it as the buckets are dealt.
  package var plannedBytes: Int {
    guard let ranks else { return 0 }
    let own = ranks.owned(by: ranks.rank).reduce(0) { $0 + $1.count }
    let nodes = Tree.nodes(in: ranks.own, of: options.shards).count
    let gradients = nodes * (network.parameters.count - own)
    let parameters = (ranks.count - 1) * own
    return MemoryLayout<Float>.stride * (gradients + parameters + ranks.statisticsElements(of: network))
  }
}

extension Coordinator {
  /// What goes between the ranks in a step, without what is computed in one.
  func exchange(_ worker: Int) {
    let (memory, exchange) = (workspace.workers[worker], workspace.exchanges[worker])
    exchange.traffic?.begin()
    exchange.passGradients(of: memory)
    exchange.synchronizeGradients(of: memory) { ranks in
      unreadable.share(ranks)
      notices.share(ranks)
    }
    exchange.traffic?.beginUpdate()
    exchange.finishUpdate()
    exchange.awaitParameters()
    exchange.synchronize()
  }
}
