import LockstepKernels
import LockstepTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file: mapped, so that a file larger than the memory costs none, or in memory of their own where they had to be unpacked or parsed.
///
/// A mapped file must not become shorter: who reads beyond its new end is killed by the system (SIGBUS), and nothing in the process can prevent that for
/// certain. `checkSize` looks before every use, so that in all but the unlucky moment between the look and the read the end is an error that says why.
///
/// `@unchecked Sendable`: the bytes are not written after initialisation.
@safe
final class FileBytes: @unchecked Sendable {
  let path: String
  let count: Int
  let base: UnsafeRawPointer
  /// Kept open while it is mapped.
  private let file: OpenFile?

  private final class OpenFile: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Maps the file `path`.
  init(mapping path: String) throws(DataFileError) {
    let file = try DataFileError.wrapping { () throws(FileError) in try FileDescriptor.reading(path) }
    let size = try DataFileError.wrapping { () throws(FileError) in try file.size }
    guard size > 0 else { throw DataFileError(path, found: "an empty file", expected: "a file of data") }
    guard let base = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), unsafe base != MAP_FAILED else {
      throw DataFileError(FileError("map", path, code: errno))
    }
    self.path = path
    count = size
    unsafe self.base = UnsafeRawPointer(base)
    self.file = OpenFile(file)
  }

  /// Takes over what `buffer` holds.
  init(_ buffer: consuming GrowingBytes, path: String) {
    self.path = path
    count = buffer.count
    unsafe base = UnsafeRawPointer(buffer.take())
    file = nil
  }

  deinit {
    let memory = unsafe UnsafeMutableRawPointer(mutating: base)
    if file != nil { _ = unsafe munmap(memory, count) } else { unsafe free(memory) }
  }

  /// Bytes of memory that it takes for good: none for a mapped file.
  var memoryBytes: Int { file == nil ? count : 0 }

  /// Throws where a mapped file has become shorter than what was mapped. One system call; no memory, no lock.
  func checkSize() throws(DatasetError) {
    guard let file, let size = try? file.descriptor.size, size < count else { return }
    throw DatasetError(
      "\(path): found \(size) bytes where there were \(count): the file became shorter while it was used")
  }

  /// The bytes `range`, to be read.
  func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
    return try unsafe body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).bytes)
  }

  /// A copy of the bytes `range`.
  func copy(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
    return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }
}

/// Bytes that are added to until they become `FileBytes`. Large blocks grow by remapping their pages, not by copying.
@safe
struct GrowingBytes: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1 << 16) {
    self.capacity = max(capacity, 16)
    unsafe base = Self.allocated(malloc(self.capacity), self.capacity)
  }

  deinit { unsafe free(base) }

  mutating func append(_ bytes: RawSpan) {
    let room = unsafe reserve(bytes.byteCount)
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe room.copyMemory(from: start, byteCount: source.count) }
    }
    count += bytes.byteCount
  }

  mutating func append(_ floats: [Float]) {
    unsafe append(floats.span.bytes)
  }

  /// The most that is ever taken.
  static let limit = MachineMemory.bytes

  /// Throws where the content of the file `path` takes more than this machine has: the system ends a process that takes too much.
  func checkFits(_ path: String) throws(DataFileError) {
    guard count > Self.limit else { return }
    throw DataFileError(
      path, found: "more than \(Self.limit >> 20) MiB once it is read, all the memory there is", expected: "what fits",
      hint: "a .npy file that is not packed is mapped, not read")
  }

  /// Hands over the memory, cut to what it holds.
  consuming func take() -> UnsafeMutableRawPointer {
    let taken = unsafe Self.allocated(realloc(base, max(count, 16)), count)
    discard self
    return unsafe taken
  }

  private mutating func reserve(_ more: Int) -> UnsafeMutableRawPointer {
    if count + more > capacity {
      capacity = max(capacity * 2, count + more)
      unsafe base = Self.allocated(realloc(base, capacity), capacity)
    }
    return unsafe base + count
  }

  private static func allocated(_ memory: UnsafeMutableRawPointer?, _ count: Int) -> UnsafeMutableRawPointer {
    guard let memory = unsafe memory else { fatalError("Lockstep: no memory for \(count) bytes of data") }
    return unsafe memory
  }
}
