import Foundation
import LockstepKernels

/// What one core of this machine can do at most, measured: the limits that every kernel is held against.
struct MachineLimits {
  /// Operations a second: tiles of a matrix product whose operands lie in the first cache.
  var arithmetic: Double
  /// From the nearest to the farthest.
  var memory: [MemoryLevel]

  static func measure() -> MachineLimits {
    MachineLimits(arithmetic: measureArithmetic(), memory: MemoryLevel.all.map { $0.measured() })
  }

  /// The level that holds what a kernel touches.
  func memory(holding bytes: Int) -> MemoryLevel? { memory.first { bytes <= $0.capacity } ?? memory.last }

  private static func measureArithmetic() -> Double {
    // Left operands of some tiles' rows, right ones of one panel: from 12 to 40 KiB in all.
    let shapes = [(56, 128, 32), (28, 192, 32), (84, 64, 32), (48, 128, 48), (56, 64, 64)]
    return shapes.reduce(0) { best, shape in
      let operands = Operands()
      let (rows, inner, columns) = shape
      let (a, b) = (operands.matrix(rows, inner), operands.matrix(inner, columns))
      let (c, scratch) = (operands.matrix(rows, columns), ProductScratch())
      return withExtendedLifetime(operands) {
        max(best, 2 * Double(rows * inner * columns) / Stopwatch.best { multiply(a, b, into: c, scratch: scratch) })
      }
    }
  }
}

/// One level of the memory, and bytes a second from it.
struct MemoryLevel {
  /// What a loop does to what it reads.
  enum Access {
    case reading
    /// Results replace operands.
    case inPlace
    /// Results go to memory of their own, which is fetched before it is written.
    case elsewhere
  }

  var name: String
  /// Bytes that lie in this level; a kernel that touches more is held against the next.
  var capacity: Int
  /// Bytes touched in the measurement.
  var footprint: Int
  private var rates: [Access: Double] = [:]

  func rate(_ access: Access) -> Double { rates[access] ?? .nan }

  /// Half of each cache, several second caches for the one that cores share, and far more than any cache.
  static var all: [MemoryLevel] {
    let (first, second, last) = (cache(1) ?? 32 << 10, cache(2) ?? 1 << 20, cache(3) ?? 32 << 20)
    return [
      MemoryLevel(name: "first cache", capacity: first, footprint: first / 2),
      MemoryLevel(name: "second cache", capacity: second, footprint: second / 2),
      MemoryLevel(name: "shared cache", capacity: last / 2, footprint: min(last / 2, 8 * second)),
      MemoryLevel(name: "main memory", capacity: .max, footprint: min(2 * last, MachineMemory.bytes / 8)),
    ]
  }

  private init(name: String, capacity: Int, footprint: Int) {
    (self.name, self.capacity, self.footprint) = (name, capacity, footprint)
  }

  func measured() -> MemoryLevel {
    // Whole rows of 256, which take the column sums no effort.
    let count = max(1, footprint / MemoryLayout<Float>.stride / 3 / 256) * 256
    let arenas = (0..<3).map { _ in Arena(count: count) }
    let (a, b, c, sums) = (arenas[0].all, arenas[1].all, arenas[2].all, Arena(count: 256))
    return withExtendedLifetime((arenas, sums)) {
      for vector in [a, b, c] { vector.fill(0) }
      let bytes = Double(count * MemoryLayout<Float>.stride)
      let matrix = a.matrix(rows: count / 256, columns: 256)
      let sumInPlace = bytes / Stopwatch.best { add(a, b, into: a) }
      let sum = bytes / Stopwatch.best { add(a, b, into: c) }
      let copy = bytes / Stopwatch.best { c.copy(from: a) }
      let comparison = bytes / Stopwatch.best { precondition(a.hasSameBits(as: b), "zeros are zeros") }
      let columns = bytes / Stopwatch.best { columnSums(matrix, into: sums.all) }
      var level = self
      // A sum in place reads two thirds of what it moves.
      level.rates = [
        .reading: max(2 * comparison, columns, 2 * sumInPlace), .inPlace: 3 * sumInPlace,
        .elsewhere: max(2 * copy, 3 * sum),
      ]
      return level
    }
  }

  /// Bytes of a core's cache, as the C library tells; nil where it does not.
  private static func cache(_ level: Int) -> Int? {
    #if canImport(Glibc)
      let names = [_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE]
      let bytes = sysconf(Int32(names[level - 1]))
      return bytes > 0 ? bytes : nil
    #else
      return nil
    #endif
  }
}
