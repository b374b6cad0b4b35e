#if MPI
  internal import CMPI
  import Libc

  /// The ranks that one `mpirun` or `srun` has started, exchanging messages by MPI.
  ///
  /// An error of MPI and a rank that does not answer end the whole job: without one rank the others have nothing to do.
  ///
  /// `@unchecked Sendable`: one thread at a time sends, receives and completes; all else is constant.
  package final class MPICommunicator: Communicator, @unchecked Sendable {
    package let rank: Int
    package let size: Int
    private let way: lockstep_mpi_way
    private let hosts: [String]
    /// Seconds that may pass without the end of any message.
    private let timeout: Double
    /// nil for the one that goes beside.
    private let beside: MPICommunicator?

    /// Messages, or pieces of long ones, that had begun and ended when all had for the last time.
    private var ended = 0
    package private(set) var sentBytes = 0
    /// What has begun since, and room for how it ends. The arrays keep their memory, so that a step needs none.
    private var messages: [Message] = []
    private var requests: [lockstep_mpi_request] = []
    private var places: [Int32] = []
    private var outcomes: [lockstep_mpi_outcome] = []

    /// A message, or a piece of a long one.
    private struct Message {
      let rank: Int
      let bytes: Int
      let isReceived: Bool
    }

    /// Bytes of the longest piece: fewer than MPI can count, so few that a slow network, too, shows signs of life.
    private static let longestPiece = 1 << 24

    private init(_ way: lockstep_mpi_way, rank: Int, hosts: [String], timeout: Double, beside: MPICommunicator?) {
      self.way = way
      self.rank = rank
      self.size = hosts.count
      self.hosts = hosts
      self.timeout = timeout
      self.beside = beside
    }

    package func host(of rank: Int) -> String { hosts[rank] }

    package var background: any Communicator { beside ?? self }
  }

  // MARK: - From the beginning to the end

  extension MPICommunicator {
    /// Makes this process one of the ranks. Every one of them calls it, once.
    ///
    /// - Parameter timeout: seconds after which a rank that does not answer is given up; infinity for never.
    package static func launch(timeout: Double) -> MPICommunicator {
      // Open MPI asks before it sends more than 64 KiB over TCP, and the answer waits behind what is on its way, so
      // that a line's two directions take turns. Buckets are awaited when they come. What the user has set stays.
      setenv("OMPI_MCA_btl_tcp_eager_limit", "\(8 << 20)", 0)
      var (serialized, rank, size): (Int32, Int32, Int32) = (0, 0, 0)
      check(lockstep_mpi_begin(&serialized), "start", by: "a rank")
      check(lockstep_mpi_rank(&rank), "number the ranks", by: "a rank")
      check(lockstep_mpi_size(&size), "count the ranks", by: "rank \(rank)")
      let length = lockstep_mpi_host_size
      var names = [CChar](repeating: 0, count: length * Int(size))
      check(lockstep_mpi_hosts(&names), "gather the names of the machines", by: "rank \(rank)")
      let hosts = (0..<Int(size)).map { text(names[($0 * length)...]) }
      var way = lockstep_mpi_way()
      check(lockstep_mpi_another_way(&way), "open another way between the ranks", by: "rank \(rank)")
      let communicator = MPICommunicator(
        lockstep_mpi_first_way(), rank: Int(rank), hosts: hosts, timeout: timeout,
        beside: MPICommunicator(way, rank: Int(rank), hosts: hosts, timeout: timeout, beside: nil))
      if serialized == 0 {
        communicator.end(
          "found \(library), which only the thread that has started it may call; expected one with MPI_THREAD_SERIALIZED: "
            + "choose another MPI, or build this one with support for threads", status: 1)
      }
      return communicator
    }

    /// The MPI that this process runs with, such as `Open MPI v4.1.4`.
    package static var library: String {
      var name = [CChar](repeating: 0, count: lockstep_mpi_library_size)
      var length: Int32 = 0
      check(MPI_Get_library_version(&name, &length), "say its version", by: "a rank")
      // Open MPI goes on with who has built it, and when; MPICH has a tab before its number.
      return String(text(name[...]).prefix { $0 != "\n" && $0 != "," }.map { $0 == "\t" ? " " : $0 })
    }

    /// Takes leave of the other ranks. Every one of them calls it; no message is possible afterwards.
    package func finalize() {
      beside?.complete()
      // All meet first: mpirun of Open MPI 4.1 crashes or hangs where a rank aborts while another is in MPI_Finalize.
      let signs = Slots(repeating: UInt8(0), count: size)
      share(signs) { $0..<$0 + 1 }
      complete()
      withExtendedLifetime(signs) {}
      check(MPI_Finalize(), "end")
    }

    /// Ends every rank, after this one has said why on standard error.
    package func end(_ message: String, status: Int32) -> Never {
      Self.tell("\(name(of: rank)): \(message)")
      Self.end(status: status)
    }

    /// By one call, so that the lines of several ranks do not mix.
    private static func tell(_ message: String) {
      var line = "lockstep: \(message)\n"
      line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func end(status: Int32) -> Never {
      lockstep_mpi_abort(status)
      exit(status)
    }
  }

  // MARK: - Messages

  extension MPICommunicator {
    package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {
      sentBytes += bytes.count
      for start in stride(from: 0, to: bytes.count, by: Self.longestPiece) {
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start...].prefix(Self.longestPiece))
        begin(Message(rank: rank, bytes: piece.count, isReceived: false)) {
          lockstep_mpi_send(way, piece.baseAddress, Int32(piece.count), Int32(rank), &$0)
        }
      }
    }

    package func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {
      for start in stride(from: 0, to: bytes.count, by: Self.longestPiece) {
        let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start...].prefix(Self.longestPiece))
        begin(Message(rank: rank, bytes: piece.count, isReceived: true)) {
          lockstep_mpi_receive(way, piece.baseAddress, Int32(piece.count), Int32(rank), &$0)
        }
      }
    }

    private func begin(_ message: Message, _ start: (inout lockstep_mpi_request) -> Int32) {
      var request = lockstep_mpi_request()
      check(start(&request), message.isReceived ? "receive from" : "send to", message.rank)
      messages.append(message)
      requests.append(request)
      places.append(0)
      outcomes.append(lockstep_mpi_outcome())
    }

    package var begun: Int { ended + messages.count }

    package func progress() {
      if !messages.isEmpty { _ = look() }
    }

    package func complete(through count: Int) {
      let last = count - ended
      var (first, wait) = (0, Wait())
      while true {
        while first < last, lockstep_mpi_has_ended(requests[first]) != 0 { first += 1 }
        if first >= last { break }
        if look() > 0 { wait = Wait() } else { wait.pause() }
        if wait.seconds > timeout { giveUp() }
      }
      if last < messages.count { return }
      ended += messages.count
      messages.removeAll(keepingCapacity: true)
      requests.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
      outcomes.removeAll(keepingCapacity: true)
    }

    /// How many messages have ended since the last look.
    private func look() -> Int {
      let count = Int32(requests.count)
      var ended: Int32 = 0
      check(lockstep_mpi_look(&requests, count, &ended, &places, &outcomes), "exchange messages")
      for index in 0..<Int(ended) {
        let message = messages[Int(places[index])]
        if message.isReceived { checkLength(of: message, outcomes[index]) }
      }
      return Int(ended)
    }

    private func checkLength(of message: Message, _ outcome: lockstep_mpi_outcome) {
      var count: Int32 = 0
      check(withUnsafePointer(to: outcome) { lockstep_mpi_received($0, &count) }, "count what came from", message.rank)
      if count != message.bytes {
        end(
          "found \(count) bytes from \(name(of: message.rank)), expected \(message.bytes): the two do different things; "
            + "start every rank with the same program, configuration and arguments", status: 1)
      }
    }
  }

  // MARK: - What goes wrong

  extension MPICommunicator {
    /// Ends the job for the sake of those that have not sent, or else of those that have not received.
    private func giveUp() -> Never {
      let pending = zip(messages, requests).filter { lockstep_mpi_has_ended($1) == 0 }.map(\.0)
      let received = pending.filter(\.isReceived)
      let silent = Set((received.isEmpty ? pending : received).map(\.rank)).sorted()
      let names = silent.map(name(of:)).joined(separator: ", ")
      let seconds = Int(exactly: timeout).map { "\($0)" } ?? "\(timeout)"
      let what =
        silent.count == 1
        ? "\(names) has not answered for \(seconds) s; it hangs, or its machine or network does."
        : "\(names) have not answered for \(seconds) s; they hang, or their machines or network do."
      end("\(what) Look there, then resume the run; if all were only slow, allow more time", status: 1)
    }

    private func check(_ code: Int32, _ task: String) {
      Self.check(code, task, by: name(of: rank))
    }

    private func check(_ code: Int32, _ task: String, _ other: Int) {
      Self.check(code, "\(task) \(name(of: other))", by: name(of: rank))
    }

    private static func check(_ code: Int32, _ task: @autoclosure () -> String, by rank: @autoclosure () -> String) {
      if code == MPI_SUCCESS { return }
      var reason = [CChar](repeating: 0, count: lockstep_mpi_error_size)
      var length: Int32 = 0
      MPI_Error_string(code, &reason, &length)
      tell("\(rank()): MPI could not \(task()): \(text(reason[...])) (code \(code))")
      end(status: 1)
    }

    /// The characters up to the 0 that ends them.
    private static func text(_ characters: ArraySlice<CChar>) -> String {
      String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
#endif
