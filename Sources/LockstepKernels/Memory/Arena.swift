import Libc

/// One aligned, zero-filled run of float32 memory: parameters, gradients, optimizer slots, activations.
///
/// An arena never grows and lives as long as someone holds it; the `Vector`s and `Matrix`es it hands out are views and
/// do not keep it alive. The holder of the arena is the holder of its views.
///
/// `@unchecked Sendable`: every region of an arena is written by one worker between two barriers, and read by others
/// only after the next barrier, whose atomics order the accesses.
@safe
public final class Arena: @unchecked Sendable {
  /// Elements per 64-byte cache line, which is also the widest vector.
  public static let alignment = 16

  /// Number of float32 elements that may be used.
  public let count: Int
  private let base: UnsafeMutablePointer<Float>
  private let mappedBytes: Int

  /// Takes memory of the system, all zero.
  ///
  /// Ends the process where the system has no memory for it.
  ///
  /// - Parameter count: elements; rounded up to whole pages of 4 KiB. A page takes memory once it is written to.
  public init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let page = 4096
    mappedBytes = max(page, (count * MemoryLayout<Float>.stride + page - 1) / page * page)
    // Pages come zeroed from the kernel and are placed where they are first touched.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let memory = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
      fatalError("Lockstep: no memory for \(mappedBytes) bytes (mmap: \(String(cString: strerror(errno))))")
    }
    #if os(Linux)
      if mappedBytes >= 4 << 20 { _ = madvise(memory, mappedBytes, MADV_HUGEPAGE) }
    #endif
    base = memory.bindMemory(to: Float.self, capacity: mappedBytes / MemoryLayout<Float>.stride)
  }

  /// Gives the memory of these elements back to the system, but for pages that hold others; what they are then is not
  /// said.
  package func release(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "region outside the arena")
    let page = 4096 / MemoryLayout<Float>.stride
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    if first < end { _ = madvise(base + first, (end - first) * MemoryLayout<Float>.stride, MADV_DONTNEED) }
  }

  /// An arena whose size comes from an input: nil where the system does not have that much memory.
  package convenience init?(granted count: Int) {
    guard count >= 0, MachineMemory.grants(count * MemoryLayout<Float>.stride) else { return nil }
    self.init(count: count)
  }

  deinit {
    munmap(base, mappedBytes)
  }

  /// The elements `[offset, offset + count)`.
  public func vector(at offset: Int, count: Int) -> Vector {
    precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "region outside the arena")
    return Vector(base: base + offset, count: count)
  }

  /// `rows * columns` elements from `offset` on, row-major.
  public func matrix(at offset: Int, rows: Int, columns: Int) -> Matrix {
    let vector = vector(at: offset, count: rows * columns)
    return Matrix(base: vector.base, rows: rows, columns: columns)
  }

  /// A view of all `count` elements.
  public var all: Vector { vector(at: 0, count: count) }

  /// `count` rounded up to a whole number of cache lines.
  public static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
