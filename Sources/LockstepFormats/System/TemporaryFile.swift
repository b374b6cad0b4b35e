import Libc
import LockstepKernels
import Synchronization

/// A file being written beside the one it will replace, so that the old one stays whole until the new one is on the
/// device.
///
/// The order is: a new file in the same folder → write → fsync → close → rename → fsync of the folder. If anything
/// fails before the rename, or `commit` is never called, the temporary is removed and nothing else has changed.
package struct TemporaryFile: ~Copyable {
  /// The file to be replaced.
  package let target: String
  private var file: FileDescriptor
  private var isPending = true
  private static let serial = Atomic<Int>(0)
  private static let ending = ".partial"

  /// Creates the temporary for `target`, in the same folder.
  package init(replacing target: String) throws(FileError) {
    self.target = target
    let serial = Self.serial.add(1, ordering: .relaxed).newValue
    let name = ".\(Folder.lastName(of: target)).\(getpid())-\(serial)\(Self.ending)"
    file = try FileDescriptor.creating("\(Folder.parent(of: target))/\(name)")
  }

  deinit {
    if isPending { try? Folder.removeFile(file.path) }
  }

  /// The name of the file that the temporary called `name` was to replace, or nil if `name` is not that of a temporary.
  package static func target(temporary name: String) -> String? {
    // ".name.process-serial.partial"
    guard name.hasPrefix("."), name.hasSuffix(ending) else { return nil }
    let rest = name.dropFirst().dropLast(ending.count)
    guard let dot = rest.lastIndex(of: ".") else { return nil }
    let numbers = rest[rest.index(after: dot)...].split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers.allSatisfy({ UInt($0) != nil }), dot > rest.startIndex else { return nil }
    return String(rest[..<dot])
  }

  package func write(_ bytes: RawSpan) throws(FileError) { try file.write(bytes) }

  /// Writes the bytes `range`.
  package func write(_ bytes: [UInt8], _ range: Range<Int>) throws(FileError) {
    try file.write(bytes, range)
  }

  /// Overwrites the first bytes of the file, of which at least as many must have been written.
  package func overwriteStart(_ bytes: [UInt8]) throws(FileError) {
    try file.seek(to: 0)
    try file.write(bytes, 0..<bytes.count)
  }

  /// Puts the file in its place; when this returns, it stays there whatever happens to the machine.
  package mutating func commit() throws(FileError) {
    try file.synchronize()
    try file.close()
    try Folder.rename(file.path, to: target)
    isPending = false
    try Folder.synchronize(Folder.parent(of: target))
  }

  /// Replaces the file `target` by one that holds `text`.
  package static func replace(_ target: String, with text: String) throws(FileError) {
    try replace(target, with: Array(text.utf8))
  }

  /// Replaces the file `target` by one that holds `bytes`.
  package static func replace(_ target: String, with bytes: [UInt8]) throws(FileError) {
    var temporary = try TemporaryFile(replacing: target)
    try temporary.write(bytes, 0..<bytes.count)
    try temporary.commit()
  }
}
