import Libc

/// A folder of its own for what nobody needs afterwards.
package struct ScratchFolder: Sendable {
  package let path: String

  /// Makes it where the system keeps such folders: in `TMPDIR`, or else in `/tmp`.
  package init() throws(FileError) {
    let place = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var name = Array("\(place)/lockstep-XXXXXX".utf8CString)
    let isMade = unsafe name.withUnsafeMutableBufferPointer { name in
      guard let base = name.baseAddress else { return false }
      return unsafe mkdtemp(base) != nil
    }
    guard isMade else { throw FileError("create a folder in", place, code: errno) }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes it with everything in it, as far as the system lets it.
  package func remove() { try? Self.remove(path) }

  /// What a link leads to stays.
  private static func remove(_ folder: String) throws(FileError) {
    for name in try Folder.names(in: folder) {
      let path = "\(folder)/\(name)"
      if try !Folder.isLink(path), try Folder.item(at: path) == .folder {
        try remove(path)
      } else {
        try Folder.removeFile(path)
      }
    }
    try Folder.removeIfEmpty(folder)
  }
}
