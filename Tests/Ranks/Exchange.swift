import LockstepKernels

/// What every rank sends to every other, and what arrives.
struct Exchange {
  private let ranks: any Communicator

  init(_ ranks: any Communicator) { self.ranks = ranks }

  /// What has not arrived as it was sent, or nil.
  func failure(counts: [Int]) -> String? {
    for receivesFirst in [false, true] {
      if let failure = vectors(counts, receivesFirst: receivesFirst) { return failure }
    }
    return parts() ?? texts() ?? ways()
  }

  /// What goes beside overtakes, and is done in part before the rest has been sent.
  private func ways() -> String? {
    let (way, rounds) = (ranks.background, 3)
    let beside = Slots(repeating: -1, count: rounds * ranks.size)
    let signs = Slots(repeating: -1, count: ranks.size)
    let sent = Slots(repeating: 0, count: rounds)
    defer { withExtendedLifetime((beside, signs, sent)) {} }
    var tickets: [Int] = []
    for round in 0..<rounds {
      for other in ranks.others { way.receive(beside, place(round, other), from: other) }
      tickets.append(way.begun)
    }
    for round in 0..<rounds {
      sent[round] = 10 * ranks.rank + round
      for other in ranks.others { way.send(sent, round..<round + 1, to: other) }
      way.complete(through: tickets[round])
      for other in ranks.others where beside[place(round, other).lowerBound] != 10 * other + round {
        return "found \(beside[place(round, other).lowerBound]) beside from \(ranks.name(of: other)) in round \(round)"
      }
      // The next round is not sent before all have this one.
      signs[ranks.rank] = round
      ranks.share(signs) { $0..<$0 + 1 }
      ranks.complete()
      for other in ranks.others where signs[other] != round { return "found round \(signs[other]), expected \(round)" }
      way.progress()
    }
    way.complete()
    return way.begun == 2 * rounds * (ranks.size - 1) ? nil : "found \(way.begun) messages beside"
  }

  private func place(_ round: Int, _ rank: Int) -> Range<Int> {
    round * ranks.size + rank..<round * ranks.size + rank + 1
  }

  /// All vectors to all ranks at once; in what a rank gets from another, their order is that of sending.
  private func vectors(_ counts: [Int], receivesFirst: Bool) -> String? {
    let starts = counts.reduce(into: [0]) { $0.append($0.last! + $1) }
    let total = starts.last!
    let (sent, received) = (Arena(count: total * ranks.size), Arena(count: total * ranks.size))
    defer { withExtendedLifetime((sent, received)) {} }
    for other in ranks.others {
      for index in 0..<total { sent.all[other * total + index] = Self.value(from: ranks.rank, to: other, index) }
    }
    func vector(_ arena: Arena, _ message: Int, of rank: Int) -> Vector {
      arena.vector(at: rank * total + starts[message], count: counts[message])
    }
    func receive() {
      for other in ranks.others {
        for message in counts.indices { ranks.receive(vector(received, message, of: other), from: other) }
      }
    }
    if receivesFirst { receive() }
    for other in ranks.others {
      for message in counts.indices { ranks.send(vector(sent, message, of: other), to: other) }
    }
    if !receivesFirst { receive() }
    ranks.complete()
    for other in ranks.others {
      for index in 0..<total {
        let (found, expected) = (received.all[other * total + index], Self.value(from: other, to: ranks.rank, index))
        if found.bitPattern != expected.bitPattern {
          return "found \(found) as element \(index) from \(ranks.name(of: other)), expected \(expected)"
        }
      }
    }
    return nil
  }

  /// Any bits, not only those of numbers.
  private static func value(from sender: Int, to receiver: Int, _ index: Int) -> Float {
    let place = UInt64(index) << 16 | UInt64(sender) << 8 | UInt64(receiver)
    return Float(bitPattern: UInt32(truncatingIfNeeded: place &* 0x9e37_79b9_7f4a_7c15 >> 24))
  }

  /// Rank r has r slots: rank 0 none.
  private func parts() -> String? {
    func part(_ rank: Int) -> Range<Int> { rank * (rank - 1) / 2..<rank * (rank + 1) / 2 }
    let values = Slots(repeating: -1, count: part(ranks.size).lowerBound)
    for slot in part(ranks.rank) { values[slot] = slot * slot }
    ranks.share(values, parts: part)
    ranks.complete()
    for slot in 0..<values.count where values[slot] != slot * slot {
      return "found \(values[slot]) in slot \(slot), expected \(slot * slot)"
    }
    return nil
  }

  private func texts() -> String? {
    for source in 0..<ranks.size {
      for expected in ["", "rank \(source) löst aus", String(repeating: "ß", count: 100_000)] {
        let found = ranks.text(ranks.rank == source ? expected : "of nobody", from: source)
        if found != expected {
          return "found \(found.prefix(40)) from \(ranks.name(of: source)), expected \(expected.prefix(40))"
        }
      }
    }
    return nil
  }
}
