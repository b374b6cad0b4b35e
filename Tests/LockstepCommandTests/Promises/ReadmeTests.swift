import Foundation
import TestSupport
import Testing

/// Whatever README.md shows can be done, line after line, in a fresh copy of the project: here on less data, by
/// `tools/readme` as it is printed.
@Suite("README.md")
struct ReadmeTests {
  private static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardized.path

  /// Of a copy without git nobody knows which files were checked out.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "\(repository)/.git"), "not a clone: git has no list of files"),
    .enabled(if: program("python3") != nil && program("zstd") != nil, "no python3, or no zstd, on the PATH"))
  func everyLineRuns() throws {
    let python = try #require(program("python3"))
    let outcome = try run(
      python, ["\(Self.repository)/tools/readme", "--quick", "--lockstep", Tool.path, "README.md"])
    #expect(outcome.status == 0, "\(outcome.output)")
    // All of it was done, down to its last command.
    #expect(outcome.output.contains("lockstep scale configs/quickstart.yaml"))
  }
}
