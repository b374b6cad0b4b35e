import Foundation
import TestSupport
import Testing

@testable import LockstepFormats
@testable import LockstepRuns

@Suite struct FolderLockTests {
  @Test func oneHolderAtATime() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.openOrCreate("\(folder)/run")
      var first = try FolderLock.take(in: run)
      #expect(first != nil)
      first?.announce()
      do {
        _ = try FolderLock.take(in: run)
        Issue.record("a second one took the lock")
      } catch {
        guard case RunFolderError.inUse(let path, let owner) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(path == run.path && owner.hasPrefix("process ") && owner.contains(" on "), "\(owner)")
      }
      first = nil
      #expect(try FolderLock.take(in: run) != nil, "the lock ends with its holder")
    }
  }

  /// A child that has been forked, and does not run another program yet, has a copy of every descriptor.
  @Test func aCopyOfTheDescriptorDoesNotKeepIt() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.openOrCreate("\(folder)/run")
      var lock = try FolderLock.take(in: run)
      #expect(lock != nil)
      // /proc names every descriptor by the file that it is open on.
      let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
        let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
        return file == run.lockFile ? Int32(name) : nil
      }
      #expect(numbers.count == 1)
      let copies = numbers.map { dup($0) }
      defer { for copy in copies { close(copy) } }
      lock = nil
      #expect(try FolderLock.take(in: run) != nil)
    }
  }

  /// A lock that is a link must not make a file elsewhere, and one with strange content must not reach a terminal.
  @Test func linksAndStrangeContent() throws {
    try withTemporaryFolder { folder in
      let run = try RunFolder.openOrCreate("\(folder)/run")
      #expect(unsafe symlink("\(folder)/elsewhere", run.lockFile) == 0)
      #expect(throws: RunFolderError.self) { try FolderLock.take(in: run) }
      #expect(try Folder.item(at: "\(folder)/elsewhere") == .missing)
    }
  }

  /// A folder of checkpoints that is a link would let a run write outside its own folder.
  @Test func checkpointsAreNoLink() throws {
    try withTemporaryFolder { folder in
      try Folder.create("\(folder)/run")
      try Folder.create("\(folder)/elsewhere")
      #expect(unsafe symlink("\(folder)/elsewhere", "\(folder)/run/checkpoints") == 0)
      #expect(throws: RunFolderError.self) { try RunFolder.openOrCreate("\(folder)/run") }
    }
  }
}
