import Libc

/// Float32 elements between pages that nobody may touch. They end where their last page ends, so that one element too
/// many, read or written, ends the process; what is left of their first page shows what was written before them.
final class GuardedMemory {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
  /// The elements of the first page that stand before `base`.
  private let before: UnsafeMutableBufferPointer<Float>

  private static let guardValue = Float(bitPattern: 0x7FC0_BEEF)

  init(_ elements: [Float]) {
    count = elements.count
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = (count * MemoryLayout<Float>.stride + page - 1) / page * page
    mappedBytes = bytes + 2 * page
    guard let memory = mmap(nil, mappedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED,
      bytes == 0 || mprotect(memory + page, bytes, PROT_READ | PROT_WRITE) == 0
    else { fatalError("no memory for \(count) elements between guards") }
    mapping = memory
    let first = (memory + page).bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
    before = UnsafeMutableBufferPointer(start: first, count: bytes / MemoryLayout<Float>.stride - count)
    before.update(repeating: GuardedMemory.guardValue)
    base = first + before.count
    elements.withUnsafeBufferPointer { if let start = $0.baseAddress { base.update(from: start, count: count) } }
  }

  /// NaNs, so that an element that is read before it is written shows, and one that is not written at all.
  convenience init(count: Int) { self.init([Float](repeating: .nan, count: count)) }

  deinit { munmap(mapping, mappedBytes) }

  var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Whether nothing was written before the first element.
  var isIntact: Bool { before.allSatisfy { $0.bitPattern == GuardedMemory.guardValue.bitPattern } }
}
