import Libc

/// The file that readers of files read from, overwritten with every input: in memory where that can be, and the
/// process's own.
enum Scratch {
  private static let folder: String = {
    var template = Array("\(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")/lockstep-fuzz-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("no folder for the inputs") }
    atexit {
      unlink(Scratch.path)
      rmdir(Scratch.folder)
    }
    return String(decoding: template.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
  }()

  static var path: String { "\(folder)/input" }

  static func write(_ bytes: [UInt8]) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    if count != bytes.count { fatalError("an input that cannot be written") }
  }
}
