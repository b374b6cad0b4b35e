import LockstepKernels
import TestSupport
import Testing

@Suite struct MemoryTests {
  @Test func anArenaStartsAsZeros() {
    let arena = Arena(count: 3_000_000)
    #expect(arena.all.firstNonFinite == nil && arena.all.sumOfSquares == 0)
    #expect(Arena(count: 0).all.count == 0)
    #expect([0, 1, 15, 16, 17].map { Arena.aligned($0) } == [0, 16, 16, 16, 32])
    withExtendedLifetime(arena) {}
  }

  @Test func viewsShareTheArenasElements() {
    let arena = Arena(count: 40)
    let matrix = arena.matrix(at: 4, rows: 5, columns: 7)
    matrix[2, 3] = 1.5
    #expect(arena.all[4 + 2 * 7 + 3] == 1.5)
    #expect(matrix.row(2)[3] == 1.5 && matrix.rows(1..<4)[1, 3] == 1.5 && matrix.elements[17] == 1.5)
    matrix.rows(0..<2).elements.fill(2)
    #expect(matrix.array.prefix(14).allSatisfy { $0 == 2 } && arena.all[3] == 0 && matrix[2, 0] == 0)
    let copy = Arena(count: 35).all
    #expect(copy.count == 35)
    let other = Arena(count: 35)
    other.all.copy(from: matrix.elements)
    #expect(other.all.array == matrix.array)
    let bytes = other.all.withBytes { $0.byteCount }
    #expect(bytes == 140)
    withExtendedLifetime((arena, other)) {}
  }

  @Test func denormalsAreFlushedInsideAndKeptOutside() {
    let arena = Arena(count: 2)
    let vector = arena.all
    func halve() -> Float {
      vector[0] = .leastNormalMagnitude
      vector[1] = 0.5
      multiplyElements(vector[0..<1], vector[1..<2], into: vector[0..<1])
      return vector[0]
    }
    #expect(halve() != 0)
    withFloatingPointEnvironment {
      #expect(halve() == 0)
      withFloatingPointEnvironment { #expect(halve() == 0) }
      #expect(halve() == 0)
    }
    #expect(halve() != 0)
    withExtendedLifetime(arena) {}
  }

  /// The caller's own thread gets its state back where the body throws too.
  @Test func theCallersStateIsRestored() {
    let arena = Arena(count: 2)
    arena.all[1] = 0.5
    func flushes() -> Bool {
      arena.all[0] = .leastNormalMagnitude
      multiplyElements(arena.all[0..<1], arena.all[1..<2], into: arena.all[0..<1])
      return arena.all[0] == 0
    }
    #expect(throws: CancellationError.self) {
      try withFloatingPointEnvironment {
        #expect(flushes())
        throw CancellationError()
      }
    }
    #expect(!flushes())
    withExtendedLifetime(arena) {}
  }

  @Test func slotsAreWrittenAlone() {
    let slots = Slots(repeating: 1.0, count: 4)
    slots[2] = 5
    #expect((0..<4).map { slots[$0] } == [1, 1, 5, 1])
    let sum = slots.withSpan(1..<3) { span in span[0] + span[1] }
    #expect(sum == 6)
  }
}
