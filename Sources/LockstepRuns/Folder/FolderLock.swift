import Libc
import LockstepFormats

/// The right to write into a run folder: one process has it at a time, and one run of that process.
///
/// It is an advisory lock (`flock`) on the file `lock`, which the kernel gives back however the process ends. The file
/// says who has the lock, and stays where it is: removing it would take it from under whoever has just opened it.
final class FolderLock: Sendable {
  private let file: FileDescriptor

  private init(_ file: consuming FileDescriptor) { self.file = file }

  deinit { file.unlock() }

  /// Takes the lock of `folder`.
  ///
  /// - Returns: nil where this process may not write to the folder, and so needs no lock.
  /// - Throws: `inUse` where another has it.
  static func take(in folder: RunFolder) throws(RunFolderError) -> FolderLock? {
    let lock: FolderLock
    var isOurs: Bool
    do throws(FileError) {
      lock = FolderLock(try FileDescriptor.updating(folder.lockFile))
      isOurs = try lock.file.lock()
      if !isOurs {
        // A process that only asks whether a run is going on has it for an instant.
        usleep(20_000)
        isOurs = try lock.file.lock()
      }
    } catch {
      if [EROFS, EACCES, EPERM].contains(error.code) { return nil }
      throw .file(error)
    }
    if !isOurs { throw .inUse(path: folder.path, owner: lock.owner) }
    return lock
  }

  /// Whether a run is going on in `folder`. It is looked at only: no file is made or changed.
  static func isHeld(in folder: RunFolder) -> Bool {
    guard let file = try? FileDescriptor.reading(folder.lockFile), let isFree = try? file.lock(sharing: true) else {
      return false
    }
    if isFree { file.unlock() }
    return !isFree
  }

  /// Writes who has the lock into its file, once the run is about to change the folder anyway.
  func announce() {
    // The text only serves a message: a full disk is no reason not to begin.
    try? file.replaceContent(Array("process \(getpid()) on \(Host.name ?? "an unknown host")".utf8))
  }

  /// What the file says; anyone may have written it.
  private var owner: String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = (try? file.read(into: &bytes)) ?? 0
    let text = String(decoding: bytes[..<count].filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
    return text.isEmpty ? "another process" : text
  }
}

extension RunFolder {
  /// Whether a process is training in it. It is looked at only.
  package var isHeld: Bool { FolderLock.isHeld(in: self) }
}
