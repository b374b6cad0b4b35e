import FileCalls
import Foundation
import TestSupport

/// The calls that change files in a folder, in their order, such as `write a`, `fsync a`, `rename a b`, `fsync .`;
/// writes in a row to one file are one.
struct RecordedFileCalls {
  static let areThere = lk_can_record_file_calls() != 0
  static let excuse = "calls are recorded on Linux with glibc, without a sanitizer"

  let lines: [String]

  /// Records what `body` does in a new folder, whose path it is given. Only one at a time can be recorded.
  init(_ body: (_ folder: String) throws -> Void) throws {
    lines = try withTemporaryFolder { folder in
      // As the system has it: a link on the way would hide what is done below.
      let real = URL(filePath: folder).resolvingSymlinksInPath().path
      lk_record_file_calls(real)
      do { try body(real) } catch {
        _ = lk_end_file_calls()
        throw error
      }
      let count = lk_end_file_calls()
      precondition(count >= 0, "more calls than a recording holds")
      return (0..<count).map { Self.plain(String(cString: lk_file_call($0))) }.reduce(into: []) { lines, line in
        if !(line.hasPrefix("write ") && lines.last == line) { lines.append(line) }
      }
    }
  }

  /// Adds a line of a test's own, to be found among the calls.
  static func note(_ line: String) { lk_note_file_call(line) }

  /// The name of a temporary holds the number of the process and its own: `.a.17-3.partial` is `a~` here.
  private static func plain(_ line: String) -> String {
    line.replacing(/\.([^\/ ]+)\.\d+-\d+\.partial/) { "\($0.1)~" }
  }

  /// Where the first of the lines stands that `isWanted`, from `start` on.
  func first(from start: Int = 0, where isWanted: (String) -> Bool) -> Int? {
    lines[start...].firstIndex(where: isWanted)
  }
}
