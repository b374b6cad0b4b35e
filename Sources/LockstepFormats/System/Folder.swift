import Libc

/// Folders and names: what is done to files without opening them.
package enum Folder {
  /// What stands at a path.
  package enum Item: Sendable, Equatable {
    case missing
    case file
    case folder
    case other
  }

  /// What stands at `path`, links followed.
  package static func item(at path: String) throws(FileError) -> Item {
    var status = stat()
    do {
      try systemCall("look at", path) { unsafe stat(path, &status) }
    } catch {
      if error.isMissing { return .missing }
      throw error
    }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  /// Bytes that a user may still write on the device of `path`, or of the nearest folder above that is there; nil where
  /// the system does not say.
  package static func freeBytes(at path: String) -> Int? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else {
      let above = parent(of: path)
      return above == path ? nil : freeBytes(at: above)
    }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int(clamping: status.f_frsize))
    return overflow ? nil : bytes
  }

  /// When the file `path` was written last, in nanoseconds since 1970; nil where there is none, or it is no file.
  package static func lastWritten(_ path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// Whether two paths lead to the same file.
  package static func isSame(_ one: String, _ other: String) -> Bool {
    var (a, b) = (stat(), stat())
    guard unsafe stat(one, &a) == 0, unsafe stat(other, &b) == 0 else { return false }
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// Whether a symbolic link stands at `path`.
  package static func isLink(_ path: String) throws(FileError) -> Bool {
    var status = stat()
    try systemCall("look at", path) { unsafe lstat(path, &status) }
    return status.st_mode & S_IFMT == S_IFLNK
  }

  /// Makes the folder `path` and those above it, as far as they are missing, and makes sure that they stay.
  package static func create(_ path: String) throws(FileError) {
    switch try item(at: path) {
    case .folder: return
    case .missing: break
    default: throw FileError("create the folder", path, problem: "a file of that name stands there")
    }
    let above = parent(of: path)
    if above != path { try create(above) }
    do {
      try systemCall("create the folder", path) { unsafe mkdir(path, 0o777) }
    } catch {
      // Another process may have made it meanwhile.
      guard error.code == EEXIST, try item(at: path) == .folder else { throw error }
    }
    try synchronize(above)
  }

  /// Makes a folder; a link that stands at `path` is refused: what is written there must not end up elsewhere.
  package static func createOwn(_ path: String) throws(FileError) {
    try create(path)
    if try isLink(path) { throw FileError("write into", path, code: ELOOP) }
  }

  /// The names in the folder `path`, without "." and "..", sorted.
  package static func names(in path: String) throws(FileError) -> [String] {
    guard let stream = unsafe opendir(path) else { throw FileError("list", path, code: errno) }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw FileError("list", path, code: errno) }
        return names.sorted()
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
  }

  /// Gives the file `source` the name `target`, whose former file, if any, is replaced in the same instant.
  package static func rename(_ source: String, to target: String) throws(FileError) {
    try systemCall("rename \(lastName(of: source)) to", target) {
      renameFile(source, target)
    }
  }

  /// Removes the file `path`, if there is one.
  package static func removeFile(_ path: String) throws(FileError) {
    do {
      try systemCall("remove", path) { unsafe unlink(path) }
    } catch {
      if error.code != ENOENT { throw error }
    }
  }

  /// Removes the folder `path` if there is nothing in it.
  package static func removeIfEmpty(_ path: String) throws(FileError) {
    do {
      try systemCall("remove", path) { unsafe rmdir(path) }
    } catch {
      if ![ENOENT, ENOTEMPTY, EEXIST].contains(error.code) { throw error }
    }
  }

  /// Waits until the device holds the names of the folder `path`.
  package static func synchronize(_ path: String) throws(FileError) {
    let number = try systemCall("open the folder", path) { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { _ = close(number) }
    try systemCall("synchronize (fsync) the folder", path, retrying: false) { synchronizeNumber(number) }
  }

  /// `path` as an absolute path. A relative one starts from `folder`, which may be relative to the current folder.
  package static func absolute(_ path: String, in folder: String = ".") -> String {
    if path.hasPrefix("/") { return path }
    if folder != "." { return absolute("\(folder)/\(path)", in: ".") }
    guard let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    let plain = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return unsafe "\(String(cString: current))/\(plain)"
  }

  /// `path`, which is relative to the current folder or absolute, for whoever reads it in `folder`: an absolute one
  /// stays.
  package static func relative(_ path: String, to folder: String) -> String {
    if path.hasPrefix("/") { return path }
    func parts(_ path: String) -> [Substring] {
      absolute(path).split(separator: "/").reduce(into: []) { parts, part in
        if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(part) }
      }
    }
    let (from, to) = (parts(folder), parts(path))
    let shared = zip(from, to).prefix { $0 == $1 }.count
    let steps = [Substring](repeating: "..", count: from.count - shared) + to[shared...]
    return steps.isEmpty ? "." : steps.joined(separator: "/")
  }

  /// `path` as messages show it: relative to the current folder where it is below that.
  package static func shown(_ path: String) -> String {
    let current = absolute("")
    return path.hasPrefix(current) && path.utf8.count > current.utf8.count
      ? String(path.dropFirst(current.count)) : path
  }

  /// The file of the running program, links followed; nil where the system does not say.
  package static var program: String? {
    guard let path = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// SHA-256 of the running program's file, read once a process; nil where that cannot be had.
  package static let programDigest = program.flatMap { try? SHA256Digest.hexadecimal(ofFile: $0) }

  /// The folder of the running program.
  package static var ofProgram: String? { program.map(parent) }

  /// The folder that `path` stands in: "a" for "a/b", "." for "a", "/" for "/a".
  package static func parent(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed.isEmpty || trimmed == "." ? trimmed : "." }
    return slash == trimmed.startIndex ? "/" : withoutTrailingSlashes(String(trimmed[..<slash]))
  }

  /// The last name of `path`: "b" for "a/b".
  package static func lastName(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/"), trimmed.count > 1 else { return trimmed }
    return String(trimmed[trimmed.index(after: slash)...])
  }

  private static func withoutTrailingSlashes(_ path: String) -> String {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }
}

// The C function under a name that the method above does not hide.
private func renameFile(_ source: String, _ target: String) -> Int32 { unsafe rename(source, target) }
