import Libc
import LockstepKernels

#if MPI
  import CMPI
#endif

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
/// - `reduce`: how long sums along the fixed tree take to be everywhere, against `MPI_Allreduce`, by length
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
      case "reduce": compareSums(ranks)
      case "hang", "die", "differ": misbehave(mode, ranks)
      default: ranks.end("found \(mode), expected exchange, long, speed, reduce, hang, die or differ", status: 2)
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

  #if MPI
    /// Microseconds in which a sum over the ranks is everywhere: by owners of slices, who sum along the tree, and by
    /// MPI in whatever order it takes. Both in turn, the best of many.
    private static func compareSums(_ ranks: any Communicator) {
      for count in [1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 22, 1 << 24] {
        let (slots, sum) = (Arena(count: count * ranks.size), Arena(count: count))
        slots.all.fill(1)
        var best = (tree: Double.infinity, mpi: Double.infinity)
        for _ in 0..<max(10, min(1000, (1 << 25) / count)) {
          best.tree = min(best.tree, seconds { sumAlongTheTree(slots, count, ranks) })
          best.mpi = min(best.mpi, seconds { sumByMPI(sum.all) })
        }
        if ranks.rank == 0 {
          let ratio = Int(100 * best.tree / best.mpi)
          print(
            "\(count) elements: \(Int(best.tree * 1e6)) µs along the tree, \(Int(best.mpi * 1e6)) µs by MPI_Allreduce: \(ratio) %"
          )
        }
      }
    }

    private static func seconds(_ body: () -> Void) -> Double {
      let begin = MonotonicClock.seconds()
      body()
      return MonotonicClock.seconds() - begin
    }

    private static func sumByMPI(_ values: Vector) {
      values.withMutableBytes { bytes in
        bytes.withUnsafeMutableBytes {
          _ = lockstep_mpi_sum($0.bindMemory(to: Float.self).baseAddress, Int32(values.count))
        }
      }
    }

    /// Slot r is what rank r has; this rank's slot ends as the sum.
    private static func sumAlongTheTree(_ slots: Arena, _ count: Int, _ ranks: any Communicator) {
      func slice(_ rank: Int) -> Range<Int> { rank * count / ranks.size..<(rank + 1) * count / ranks.size }
      func part(_ slot: Int, _ rank: Int) -> Vector {
        slots.vector(at: slot * count + slice(rank).lowerBound, count: slice(rank).count)
      }
      for other in ranks.others {
        ranks.receive(part(other, ranks.rank), from: other)
        ranks.send(part(ranks.rank, other), to: other)
      }
      ranks.complete()
      let own = part(ranks.rank, ranks.rank)
      Tree.sum(slots.all, leaves: ranks.size, stride: count, at: slice(ranks.rank).lowerBound, into: own)
      for other in ranks.others {
        ranks.send(own, to: other)
        ranks.receive(part(ranks.rank, other), from: other)
      }
      ranks.complete()
      withExtendedLifetime(slots) {}
    }
  #endif
}
