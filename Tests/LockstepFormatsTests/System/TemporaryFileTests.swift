import Foundation
import TestSupport
import Testing

@testable import LockstepFormats

@Suite("Files and folders")
struct TemporaryFileTests {
  @Test func aFileIsReplacedAtOnce() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/config.yaml"
      try TemporaryFile.replace(path, with: "old")
      var temporary = try TemporaryFile(replacing: path)
      try temporary.write(Array("new".utf8), 0..<3)
      #expect(try bytes(of: path) == Array("old".utf8))
      #expect(try Folder.names(in: folder).compactMap(TemporaryFile.target) == ["config.yaml"])
      try temporary.commit()
      #expect(try bytes(of: path) == Array("new".utf8))
      #expect(try Folder.names(in: folder) == ["config.yaml"])
    }
  }

  @Test func anAbandonedTemporaryIsRemoved() throws {
    try withTemporaryFolder { folder in
      func abandon() throws {
        let temporary = try TemporaryFile(replacing: "\(folder)/a")
        try temporary.write([1], 0..<1)
      }
      try abandon()
      #expect(try Folder.names(in: folder) == [])
    }
  }

  @Test(arguments: [
    "", ".partial", "..partial", ".a.partial", ".a.1.partial", ".a.1-x.partial", "..1-1.partial", "a.1-1.partial",
    ".a.1-1",
    ".a.1-1-1.partial", ".download.partial",
  ])
  func otherNamesAreNotThoseOfTemporaries(name: String) {
    #expect(TemporaryFile.target(temporary: name) == nil)
  }

  @Test func aFailedRenameLeavesEverythingAsItWas() throws {
    try withTemporaryFolder { folder in
      // A folder that is not empty cannot be replaced by a file.
      try Folder.create("\(folder)/target/inside")
      #expect(throws: FileError.self) { try TemporaryFile.replace("\(folder)/target", with: "x") }
      #expect(try Folder.names(in: folder) == ["target"])
    }
  }

  @Test func linksAreNotFollowed() throws {
    try withTemporaryFolder { folder in
      try write("precious", to: "\(folder)/victim")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "\(folder)/victim")
      #expect(throws: FileError.self) { _ = try FileDescriptor.creating("\(folder)/link").path }
      #expect(throws: FileError.self) { _ = try FileDescriptor.appending("\(folder)/link").path }
      // Replacing a link replaces the link, not what it points to.
      try TemporaryFile.replace("\(folder)/link", with: "x")
      #expect(try bytes(of: "\(folder)/victim") == Array("precious".utf8))
      #expect(try bytes(of: "\(folder)/link") == Array("x".utf8))
    }
  }

  @Test func filesGetTheUsersUmask() throws {
    try withTemporaryFolder { folder in
      let mask = umask(0o027)
      defer { umask(mask) }
      try TemporaryFile.replace("\(folder)/a", with: "x")
      let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/a")[.posixPermissions] as? Int
      #expect(mode == 0o640)
    }
  }

  @Test func whatIsNotARegularFileIsNotRead() throws {
    try withTemporaryFolder { folder in
      #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
      for path in ["\(folder)/pipe", folder, "/dev/null"] {
        #expect(throws: FileError.self) { _ = try FileDescriptor.reading(path).path }
      }
    }
  }

  @Test func errorsSayWhatAndWhereAndWhatToDo() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/missing/a"
      let missing = #expect(throws: FileError.self) { try TemporaryFile.replace(path, with: "x") }
      #expect(missing?.code == ENOENT)
      #expect(missing?.description.contains("cannot create: no such file or directory. Check the path.") == true)
      try write("x", to: "\(folder)/file")
      let notAFolder = #expect(throws: FileError.self) { try Folder.create("\(folder)/file/below") }
      #expect(notAFolder?.description.contains("a file of that name stands there") == true)
    }
    #expect(FileError("write", "a", code: ENOSPC).description.contains("Free some space"))
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write anywhere"))
  func aReadOnlyFolderIsReported() throws {
    try withTemporaryFolder { folder in
      #expect(chmod(folder, 0o555) == 0)
      defer { chmod(folder, 0o755) }
      let error = #expect(throws: FileError.self) { try TemporaryFile.replace("\(folder)/a", with: "x") }
      #expect(error?.code == EACCES)
    }
  }

  @Test func foldersAreMadeAndListed() throws {
    try withTemporaryFolder { folder in
      try Folder.create("\(folder)/a/b/c/")
      try Folder.create("\(folder)/a/b/c")
      #expect(try Folder.item(at: "\(folder)/a/b/c") == .folder)
      #expect(try Folder.item(at: "\(folder)/a/x") == .missing)
      try write("", to: "\(folder)/a/file")
      #expect(try Folder.names(in: "\(folder)/a") == ["b", "file"])
      #expect(try Folder.item(at: "\(folder)/a/file/x") == .missing)
      try Folder.removeFile("\(folder)/a/file")
      try Folder.removeFile("\(folder)/a/file")
      #expect(throws: FileError.self) { try Folder.names(in: "\(folder)/none") }
    }
  }

  @Test(arguments: [
    ("a/b", "a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("/", "/", "/"), ("a/b/", "a", "b"), ("a//b", "a", "b"),
    ("./a", ".", "a"), ("../a", "..", "a"),
  ])
  func pathsAreTakenApart(path: String, parent: String, name: String) {
    #expect(Folder.parent(of: path) == parent)
    #expect(Folder.lastName(of: path) == name)
  }

  @Test func aPathIsShownFromTheCurrentFolderOn() {
    let current = Folder.absolute("")
    #expect(Folder.shown("\(current)a/b.csv") == "a/b.csv" && Folder.shown("b.csv") == "b.csv")
    for path in [current, "/nowhere/b.csv", String(current.dropLast()) + "-other/b.csv"] {
      #expect(Folder.shown(path) == path)
    }
  }
}
