import FuzzDriver
import Libc

/// Feeds a reader with what libFuzzer makes of its seeds, guided by the code that each input reaches.
///
/// ```
/// Fuzz TARGET [ARGUMENTS OF libFuzzer…]
/// Fuzz seeds FOLDER                          writes a few valid inputs of every target
/// ```
@main enum Fuzz {
  /// What is called with every input. `nonisolated(unsafe)`: written once, before libFuzzer calls anything.
  nonisolated(unsafe) private static var target = Target.json

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "seeds" { return try Seeds.write(to: arguments[2]) }
    guard arguments.count >= 2, let target = Target(rawValue: arguments[1]) else {
      let names = Target.allCases.map(\.rawValue).joined(separator: ", ")
      print("usage: Fuzz TARGET [ARGUMENTS OF libFuzzer…], TARGET one of \(names)")
      exit(2)
    }
    Self.target = target
    // libFuzzer's arguments begin with a program's name.
    var words: [UnsafeMutablePointer<CChar>?] = ([arguments[0]] + arguments.dropFirst(2)).map { strdup($0) } + [nil]
    var count = Int32(words.count - 1)
    let status = words.withUnsafeMutableBufferPointer { buffer in
      var base = buffer.baseAddress
      return LLVMFuzzerRunDriver(&count, &base) { bytes, count in
        Fuzz.target.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      }
    }
    exit(status)
  }
}
