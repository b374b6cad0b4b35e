import Libc

/// An open regular file, or one of the standard streams. It closes itself; every other call reports its failure.
package struct FileDescriptor: ~Copyable, Sendable {
  package let path: String
  /// The system's number for it, for the wrappers of this module.
  private(set) var number: Int32
  /// Asked repeatedly while a read waits for input; once it returns true, the read throws. nil where reads may wait for
  /// ever.
  private let isStopped: (@Sendable () -> Bool)?
  /// Milliseconds that a read waits between two such questions.
  private static let patience: Int32 = 50

  private init(_ operation: String, _ path: String, flags: Int32) throws(FileError) {
    // O_NONBLOCK: opening a named pipe by mistake must fail below, not wait for a writer.
    let number = try systemCall(operation, path) { unsafe open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o666) }
    do throws(FileError) {
      // What O_EXCL has just made is a regular file.
      if flags & O_EXCL == 0 { try Self.requireRegularFile(number, operation, path) }
    } catch {
      _ = closeNumber(number)
      throw error
    }
    self.path = path
    self.number = number
    isStopped = nil
  }

  /// A duplicate of the descriptor `original`, so that closing this one leaves that one open.
  private init(copying original: Int32, _ path: String, isStopped: (@Sendable () -> Bool)?) throws(FileError) {
    number = try systemCall("open", path) { fcntl(original, F_DUPFD_CLOEXEC, 3) }
    (self.path, self.isStopped) = (path, isStopped)
  }

  deinit {
    if number >= 0 { _ = closeNumber(number) }
  }

  /// A file to be read.
  package static func reading(_ path: String) throws(FileError) -> FileDescriptor {
    try FileDescriptor("open", path, flags: O_RDONLY)
  }

  /// Standard input, whatever it is.
  ///
  /// - Parameter isStopped: asked while a read waits; once it returns true, the read throws.
  package static func standardInput(isStopped: (@Sendable () -> Bool)? = nil) throws(FileError) -> FileDescriptor {
    try FileDescriptor(copying: 0, "standard input", isStopped: isStopped)
  }

  /// Standard output, whatever it is.
  package static func standardOutput() throws(FileError) -> FileDescriptor {
    try FileDescriptor(copying: 1, "standard output", isStopped: nil)
  }

  /// A file that did not exist before; a link at that place is refused. The user's umask decides its permissions.
  package static func creating(_ path: String) throws(FileError) -> FileDescriptor {
    try FileDescriptor("create", path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  }

  /// A file whose end is written to; it is created if need be, and a link at that place is refused.
  package static func appending(_ path: String) throws(FileError) -> FileDescriptor {
    try FileDescriptor("open", path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
  }

  /// A file that is read and written; it is created if need be, and a link at that place is refused.
  package static func updating(_ path: String) throws(FileError) -> FileDescriptor {
    try FileDescriptor("open", path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
  }

  /// Its length in bytes.
  package var size: Int {
    get throws(FileError) { Int(try Self.status(number, "look at", path).st_size) }
  }

  /// Reads what comes next.
  ///
  /// - Returns: the number of bytes read, fewer than `buffer` holds only at the end of the file.
  package func read(into buffer: inout [UInt8]) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let start = filled
      try waitForInput()
      let count = try systemCall("read", path) {
        unsafe buffer.withUnsafeMutableBytes { bytes in
          unsafe readBytes(number, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
        }
      }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Goes on reading at byte `offset`.
  package func seek(to offset: Int) throws(FileError) {
    try systemCall("seek in", path) { lseek(number, off_t(offset), SEEK_SET) }
  }

  /// Writes all of `bytes`.
  package func write(_ bytes: RawSpan) throws(FileError) {
    var written = 0
    try write(bytes, counting: &written)
  }

  /// Writes the bytes `range`.
  package func write(_ bytes: [UInt8], _ range: Range<Int>) throws(FileError) {
    try unsafe write(bytes.span.bytes.extracting(range))
  }

  /// Adds all of `bytes` to the end, or nothing: what a failed call has written is cut off again.
  package func append(_ bytes: [UInt8]) throws(FileError) {
    var written = 0
    do {
      try unsafe write(bytes.span.bytes, counting: &written)
    } catch {
      if written > 0, let end = try? size { _ = ftruncate(number, off_t(end - written)) }
      throw error
    }
  }

  /// Waits until the device holds every byte written. A failure is final: the kernel may have dropped the bytes, so the
  /// call is never repeated on the same file.
  package func synchronize() throws(FileError) {
    try systemCall("synchronize (fsync)", path, retrying: false) { synchronizeNumber(number) }
  }

  /// Closes the file and reports what the system found wrong only then.
  package mutating func close() throws(FileError) {
    let closing = number
    number = -1
    try systemCall("close", path, retrying: false) { closeNumber(closing) }
  }

  /// Takes the file's advisory lock (`flock`), which ends with this descriptor.
  ///
  /// - Parameter sharing: whether others may have it too, if they share it.
  /// - Returns: false where another descriptor has it.
  package func lock(sharing: Bool = false) throws(FileError) -> Bool {
    do {
      try systemCall("lock", path) { flock(number, (sharing ? LOCK_SH : LOCK_EX) | LOCK_NB) }
      return true
    } catch {
      if error.code == EWOULDBLOCK { return false }
      throw error
    }
  }

  /// Gives the lock back. Closing does so too, but only once no copy of this descriptor is left, and a child process
  /// has one from its fork until its exec.
  package func unlock() { _ = flock(number, LOCK_UN) }

  /// Cuts off all but the first `count` bytes.
  package func shorten(to count: Int) throws(FileError) {
    try systemCall("shorten", path) { ftruncate(number, off_t(count)) }
  }

  /// Makes `bytes` all that the file holds; not at once, as `TemporaryFile` does.
  package func replaceContent(_ bytes: [UInt8]) throws(FileError) {
    try shorten(to: 0)
    try seek(to: 0)
    try write(bytes, 0..<bytes.count)
  }

  /// Waits until there is something to read.
  private func waitForInput() throws(FileError) {
    guard let isStopped else { return }
    while true {
      if isStopped() { throw FileError("read", path, problem: "it was stopped") }
      var request = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      let ready = try systemCall("wait for", path) { unsafe poll(&request, 1, Self.patience) }
      if ready > 0 { return }
    }
  }

  private func write(_ bytes: RawSpan, counting written: inout Int) throws(FileError) {
    while written < bytes.byteCount {
      let start = written
      let count = try systemCall("write", path) {
        unsafe bytes.withUnsafeBytes { bytes in
          unsafe writeBytes(number, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
        }
      }
      if count == 0 { throw FileError("write", path, code: ENOSPC) }
      written += count
    }
  }

  private static func requireRegularFile(_ number: Int32, _ operation: String, _ path: String) throws(FileError) {
    switch try status(number, operation, path).st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileError(operation, path, problem: "it is a folder")
    default: throw FileError(operation, path, problem: "it is not a regular file")
    }
  }

  private static func status(_ number: Int32, _ operation: String, _ path: String) throws(FileError) -> stat {
    var status = stat()
    try systemCall(operation, path) { unsafe fstat(number, &status) }
    return status
  }
}

// The C functions under names that the methods above do not hide.

private func closeNumber(_ number: Int32) -> Int32 { close(number) }

/// fsync; on macOS, where that leaves bytes in the device's own memory, F_FULLFSYNC, if the file system has it.
func synchronizeNumber(_ number: Int32) -> Int32 {
  #if canImport(Darwin)
    if fcntl(number, F_FULLFSYNC) == 0 { return 0 }
    guard errno == ENOTSUP || errno == EOPNOTSUPP || errno == EINVAL || errno == ENOTTY else { return -1 }
  #endif
  return fsync(number)
}

private func readBytes(_ number: Int32, _ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  unsafe read(number, base, count)
}

private func writeBytes(_ number: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(number, base, count)
}
