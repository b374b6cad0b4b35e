/// One rank's end of all that goes between the ranks of a run: bytes as they are. Nothing is summed on the way, so no
/// bit depends on how they travel.
///
/// What one rank sends to another is received in the order in which it was sent. `send` and `receive` only begin: the
/// memory that they are given belongs to the message until `complete(through:)` has returned. One thread at a time may
/// call.
package protocol Communicator: AnyObject, Sendable {
  /// Which rank this is, counted from 0; rank 0 leads.
  var rank: Int { get }
  /// How many ranks there are.
  var size: Int { get }

  /// The name of the machine that a rank runs on.
  func host(of rank: Int) -> String

  /// Begins to send bytes to another rank; none are no message.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int)

  /// Begins to receive as many bytes from another rank as it sends.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int)

  /// How many messages have begun so far, of those sent and those received.
  var begun: Int { get }

  /// Bytes that have begun to be sent so far.
  var sentBytes: Int { get }

  /// Lets what has begun go on.
  func progress()

  /// Waits until the first `count` messages that have begun are done. A rank that is not heard from in time ends the
  /// job.
  func complete(through count: Int)

  /// Another way between the same ranks, for what goes beside: messages of one way do not wait for those of the other.
  /// There is one; it is its own.
  var background: any Communicator { get }
}

extension Communicator {
  /// `rank 2 (node7)`
  package func name(of rank: Int) -> String { "rank \(rank) (\(host(of: rank)))" }

  /// Waits until all that has begun is done.
  package func complete() { complete(through: begun) }

  /// The ranks but this one.
  package var others: some Sequence<Int> { (0..<size).lazy.filter { [rank] in $0 != rank } }
}

// MARK: - What is sent

extension Communicator {
  /// Begins to send the elements of a vector.
  package func send(_ vector: Vector, to rank: Int) { send(vector.rawBytes, to: rank) }

  /// Begins to receive the elements of a vector.
  package func receive(_ vector: Vector, from rank: Int) { receive(vector.mutableRawBytes, from: rank) }

  /// Begins to send some of a number of values.
  package func send<Value>(_ values: Slots<Value>, _ range: Range<Int>, to rank: Int) {
    send(UnsafeRawBufferPointer(values.buffer(range)), to: rank)
  }

  /// Begins to receive some of a number of values.
  package func receive<Value>(_ values: Slots<Value>, _ range: Range<Int>, from rank: Int) {
    receive(UnsafeMutableRawBufferPointer(values.buffer(range)), from: rank)
  }

  /// Begins to give every rank what this one has of some values, and to take what the others have.
  ///
  /// - Parameter parts: of each rank: what it has.
  package func share<Value>(_ values: Slots<Value>, parts: (_ rank: Int) -> Range<Int>) {
    let own = parts(rank)
    for other in others {
      receive(values, parts(other), from: other)
      send(values, own, to: other)
    }
  }

  /// A text of one rank, for all.
  ///
  /// - Parameter text: that of the rank which has it; what others give is not looked at.
  package func text(_ text: String, from source: Int) -> String {
    var bytes = Array(text.utf8)
    let count = Slots(repeating: bytes.count, count: 1)
    pass(from: source) {
      send(count, 0..<1, to: $0)
    } take: {
      receive(count, 0..<1, from: source)
    }
    withExtendedLifetime(count) {}
    if rank != source { bytes = Array(repeating: 0, count: count[0]) }
    bytes.withUnsafeMutableBytes { bytes in
      pass(from: source) {
        send(UnsafeRawBufferPointer(bytes), to: $0)
      } take: {
        receive(bytes, from: source)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func pass(from source: Int, send: (Int) -> Void, take: () -> Void) {
    if rank == source {
      for other in others { send(other) }
    } else {
      take()
    }
    complete()
  }
}

extension Vector {
  fileprivate var rawBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(UnsafeBufferPointer(start: base, count: count))
  }
  fileprivate var mutableRawBytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: base, count: count))
  }
}

extension Slots {
  fileprivate func buffer(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Element> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "slots outside the range")
    return UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
  }
}
