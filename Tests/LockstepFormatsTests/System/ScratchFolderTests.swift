import Foundation
import TestSupport
import Testing

@testable import LockstepFormats

@Suite struct ScratchFolderTests {
  /// It goes away with everything in it, and what a link in it leads to stays.
  @Test func goesAway() throws {
    try withTemporaryFolder { folder in
      try write("kept", to: "\(folder)/kept")
      let (one, other) = (try ScratchFolder(), try ScratchFolder())
      #expect(one.path != other.path)
      try Folder.create("\(one.path)/a/b")
      try write("text", to: "\(one.path)/a/b/file")
      try FileManager.default.createSymbolicLink(atPath: "\(one.path)/link", withDestinationPath: folder)
      one.remove()
      #expect(try Folder.item(at: one.path) == .missing && Folder.item(at: other.path) == .folder)
      #expect(try bytes(of: "\(folder)/kept") == Array("kept".utf8))
      other.remove()
      #expect(try Folder.item(at: other.path) == .missing)
    }
  }
}
