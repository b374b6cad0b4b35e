import Synchronization

/// A file that only grows: entries are added whole on one thread, while another may wait until the device holds them.
package final class AppendedFile: Sendable {
  /// The lock is held while an entry is added, never while the device is waited for.
  private let output: Mutex<Output>

  /// The file that entries go to.
  private final class Output: Sendable {
    let file: FileDescriptor
    /// Whether it could not be synchronized: the system may have dropped entries, and would report success the next
    /// time.
    let isDoubtful = Atomic(false)

    init(_ path: String) throws(FileError) {
      file = try FileDescriptor.appending(path)
      // Synchronizing a new file is no promise that its name stays.
      try Folder.synchronize(Folder.parent(of: path))
    }
  }

  /// Opens the file at `path` to add to it; it is created if need be.
  package init(_ path: String) throws(FileError) { output = Mutex(try Output(path)) }

  /// Adds an entry by one system call, or nothing if it fails: a killed process leaves at most the last one cut.
  package func append(_ entry: [UInt8]) throws(FileError) {
    try output.withLock { (output) throws(FileError) in try output.file.append(entry) }
  }

  /// Waits until the device holds every entry. Where that has failed before, a copy of the file takes its place.
  ///
  /// - Parameter copy: makes a file of the same entries, synchronized, and returns its path.
  package func synchronize(orCopy copy: () throws(FileError) -> String) throws(FileError) {
    let output = self.output.withLock { $0 }
    if output.isDoubtful.load(ordering: .acquiring) { return try renew(copy) }
    do throws(FileError) { try output.file.synchronize() } catch {
      output.isDoubtful.store(true, ordering: .releasing)
      throw error
    }
  }

  /// Goes on with another file. Entries that are added meanwhile wait.
  ///
  /// - Parameter rewrite: makes the file of what is to stay of this one, and returns its path.
  package func renew(_ rewrite: () throws(FileError) -> String) throws(FileError) {
    try output.withLock { (output) throws(FileError) in output = try Output(try rewrite()) }
  }
}
