import Libc
import LockstepKernels

/// Tries what carries messages between the ranks, with real processes.
///
/// ```
/// LOCKSTEP_RANKS=1 swift build -c release --product RankProbe --scratch-path .build-mpi --traits MPI
/// mpirun -n 4 .build-mpi/release/RankProbe exchange
/// ```
///
/// - `exchange`: messages of many lengths between all pairs, parts, texts; a rank says `ok` if all is as it was sent
/// - `long`: messages of more than 1 GiB, which travel in pieces
/// - `speed`: how long messages between all pairs take, by length
/// - `hang`: the last rank answers no more; the others are to name it
/// - `die`: the last rank is killed; all are to end
/// - `differ`: the last rank sends less than the others expect; they are to say so
@main enum RankProbe {
  static func main() {
    #if MPI
      let mode = CommandLine.arguments.dropFirst().first ?? "exchange"
      let ranks = MPICommunicator.launch(timeout: mode == "hang" || mode == "die" ? 2 : 60)
      if ranks.rank == 0 { print("\(MPICommunicator.library), \(ranks.size) ranks") }
      switch mode {
      case "exchange": report(Exchange(ranks).failure(counts: [0, 1, 3, 17, 1000, 1000, 1000, 300_001]), ranks)
      case "long": report(Exchange(ranks).failure(counts: [5, 1 << 28 + 3, 7]), ranks)
      case "speed": measureSpeed(ranks)
      case "hang", "die", "differ": misbehave(mode, ranks)
      default: ranks.end("found \(mode), expected exchange, long, speed, hang, die or differ", status: 2)
      }
      ranks.finalize()
    #else
      print("found a probe that is built without MPI; build it with --traits MPI")
      exit(2)
    #endif
  }

  private static func report(_ failure: String?, _ ranks: any Communicator) {
    print("\(ranks.name(of: ranks.rank)): \(failure ?? "ok")")
    if failure != nil { exit(1) }
  }

  /// The last rank goes wrong while all others wait for it.
  private static func misbehave(_ mode: String, _ ranks: any Communicator) {
    let isLast = ranks.rank == ranks.size - 1
    if isLast && mode == "hang" { sleep(600) }
    if isLast && mode == "die" { raise(SIGKILL) }
    let (sent, received) = (Arena(count: isLast ? 999 : 1000), Arena(count: 1000 * ranks.size))
    for other in ranks.others {
      ranks.send(sent.all, to: other)
      ranks.receive(received.vector(at: 1000 * other, count: 1000), from: other)
    }
    ranks.complete()
    withExtendedLifetime((sent, received)) {}
  }

  /// Microseconds in which every rank sends to every other, by length.
  private static func measureSpeed(_ ranks: any Communicator) {
    for count in [1, 1000, 100_000, 1_000_000, 10_000_000, 50_000_000] {
      let (sent, received) = (Arena(count: count), Arena(count: count * ranks.size))
      let rounds = min(max(8, 20_000_000 / count), 2000)
      var began = 0.0
      for round in -1..<rounds {
        if round == 0 { began = MonotonicClock.seconds() }
        for other in ranks.others {
          ranks.send(sent.all, to: other)
          ranks.receive(received.vector(at: count * other, count: count), from: other)
        }
        ranks.complete()
      }
      let seconds = (MonotonicClock.seconds() - began) / Double(rounds)
      if ranks.rank == 0 {
        let speed = Double(4 * count * (ranks.size - 1)) / seconds / 1e9
        print("\(count) elements: \(Int(seconds * 1e6)) µs, \(Int(speed * 1000)) MB/s to each rank and as much from it")
      }
      withExtendedLifetime((sent, received)) {}
    }
  }
}
