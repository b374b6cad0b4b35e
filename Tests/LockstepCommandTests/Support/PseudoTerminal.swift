import Foundation
import Glibc
import TestSupport

/// A terminal as a program sees it.
enum PseudoTerminal {
  /// TIOCSPTLCK and TIOCGPTN of <asm/ioctls.h>.
  private static let (unlock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))

  /// What `lockstep` writes on a terminal as its standard error.
  static func run(_ arguments: [String], in folder: String, columns: Int, terminal: String) throws -> String {
    // What posix_openpt, unlockpt and ptsname do, which Swift's Glibc does not show.
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (locked, number) = (Int32(0), UInt32(0))
    guard master >= 0, ioctl(master, unlock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw CocoaError(.fileReadUnknown)
    }
    let terminalFile = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminalFile, UInt(TIOCSWINSZ), &size)
    let process = Process()
    process.executableURL = URL(filePath: Tool.path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(["TERM": terminal]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: terminalFile, closeOnDealloc: false)
    try process.run()
    close(terminalFile)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      // Fails with EIO once nobody holds the other side.
      let count = read(master, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    close(master)
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
