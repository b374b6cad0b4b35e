import KernelProbes
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

  private static func halvesToDenormal() -> Bool {
    let arena = Arena(count: 2)
    arena.all[0] = .leastNormalMagnitude
    arena.all[1] = 0.5
    multiplyElements(arena.all[0..<1], arena.all[1..<2], into: arena.all[0..<1])
    return arena.all[0].bitPattern == 0x0040_0000
  }

  /// A caller may flush denormals; inside they are what they are.
  @Test func denormalsAreKeptInsideAndWhatTheyWereOutside() {
    lk_probe_flush_denormals(1)
    defer { lk_probe_flush_denormals(0) }
    #expect(!Self.halvesToDenormal())
    withFloatingPointEnvironment {
      #expect(Self.halvesToDenormal())
      withFloatingPointEnvironment { #expect(Self.halvesToDenormal()) }
      #expect(Self.halvesToDenormal())
    }
    #expect(!Self.halvesToDenormal())
  }

  /// The caller's own thread gets its state back where the body throws too.
  @Test func theCallersStateIsRestored() {
    lk_probe_flush_denormals(1)
    defer { lk_probe_flush_denormals(0) }
    #expect(throws: CancellationError.self) {
      try withFloatingPointEnvironment {
        #expect(Self.halvesToDenormal())
        throw CancellationError()
      }
    }
    #expect(!Self.halvesToDenormal())
  }

  @Test func slotsAreWrittenAlone() {
    let slots = Slots(repeating: 1.0, count: 4)
    slots[2] = 5
    #expect((0..<4).map { slots[$0] } == [1, 1, 5, 1])
    let sum = slots.withSpan(1..<3) { span in span[0] + span[1] }
    #expect(sum == 6)
  }
}
