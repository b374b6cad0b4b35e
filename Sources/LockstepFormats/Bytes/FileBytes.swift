import Libc
import LockstepKernels

/// The bytes of a file: mapped, so that a file larger than the memory costs none, or in memory of their own where they
/// had to be unpacked or parsed.
///
/// A mapped file must not become shorter: the system kills a process that reads beyond the new end (SIGBUS), and
/// nothing in the process can prevent that for certain. `shortenedSize` is asked before every use, so that a file cut
/// before that moment gives an error that says why; only one cut between the question and the read still kills.
///
/// `@unchecked Sendable`: the bytes are not written after initialisation.
@safe
package final class FileBytes: @unchecked Sendable {
  package let path: String
  package let count: Int
  let base: UnsafeRawPointer
  /// Kept open while it is mapped.
  private let file: OpenFile?

  private final class OpenFile: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Maps the file `path`.
  package init(mapping path: String) throws(DataFileError) {
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
  package init(_ buffer: consuming GrowingBytes) throws(DataFileError) {
    path = buffer.path
    count = buffer.count
    unsafe base = UnsafeRawPointer(try buffer.take())
    file = nil
  }

  deinit {
    let memory = unsafe UnsafeMutableRawPointer(mutating: base)
    if file != nil { _ = unsafe munmap(memory, count) } else { unsafe free(memory) }
  }

  /// Bytes of memory that it occupies; 0 for a mapped file.
  package var memoryBytes: Int { file == nil ? count : 0 }

  /// The present size of a mapped file that has become shorter than what was mapped; nil for any other. Costs one
  /// system call; allocates and locks nothing.
  package var shortenedSize: Int? {
    guard let file, let size = try? file.descriptor.size, size < count else { return nil }
    return size
  }

  /// The bytes `range`, to be read.
  func withBytes<Result, Failure: Error>(
    _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
    return try unsafe body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count).bytes)
  }

  /// A copy of the bytes `range`.
  package func copy(_ range: Range<Int>) -> [UInt8] {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes outside the file")
    return unsafe Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
  }
}

/// Bytes that are added to until they become `FileBytes`. Large blocks grow by remapping their pages, not by copying.
@safe
package struct GrowingBytes: ~Copyable {
  /// The file whose content they are, which the error names where memory does not suffice.
  let path: String
  private var base: UnsafeMutableRawPointer?
  private var capacity: Int
  private(set) var count = 0

  /// Most bytes that are ever allocated: the system ends a process that takes too much.
  static let limit = MachineMemory.bytes

  package init(for path: String, capacity: Int = 1 << 16) {
    self.path = path
    self.capacity = capacity
  }

  deinit { unsafe free(base) }

  mutating func append(_ bytes: RawSpan) throws(DataFileError) {
    let room = unsafe try reserve(bytes.byteCount)
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe room.copyMemory(from: start, byteCount: source.count) }
    }
    count += bytes.byteCount
  }

  package mutating func append<Number: BinaryFloatingPoint & BitwiseCopyable>(_ numbers: [Number]) throws(DataFileError)
  {
    unsafe try append(numbers.span.bytes)
  }

  /// Hands over the memory, cut to what it holds, and keeps nothing.
  mutating func take() throws(DataFileError) -> UnsafeMutableRawPointer {
    let whole = unsafe try reserve(0) - count
    unsafe base = nil
    // If the block cannot be cut, it serves uncut.
    return unsafe realloc(whole, max(count, 1)) ?? whole
  }

  private mutating func reserve(_ more: Int) throws(DataFileError) -> UnsafeMutableRawPointer {
    let needed = count + more
    if needed > Self.limit {
      throw doesNotFit("more than \(Self.limit >> 20) MiB once it is read, all the memory there is")
    }
    if let base = unsafe base, needed <= capacity { return unsafe base + count }
    // Twice as much as before, or what is needed where the system has no more.
    for wanted in unsafe [max(base == nil ? capacity : capacity * 2, needed, 1), needed] {
      guard let grown = unsafe realloc(base, wanted) else { continue }
      (unsafe base, capacity) = unsafe (grown, wanted)
      return unsafe grown + count
    }
    throw doesNotFit("more than \(count >> 20) MiB once it is read, for which the system has no memory")
  }

  private func doesNotFit(_ found: String) -> DataFileError {
    DataFileError(
      path, found: found, expected: "what fits", hint: "a .npy file that is not packed is mapped, not read")
  }
}
