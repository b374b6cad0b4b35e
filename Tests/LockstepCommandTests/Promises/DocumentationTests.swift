import Foundation
import TestSupport
import Testing

/// The documentation of the library is written without a warning, so every link in it leads somewhere; it tells of what
/// `import Lockstep` gives, whatever module that stands in.
@Suite("tools/docs")
struct DocumentationTests {
  private static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardized.path

  @Test(.enabled(if: program("python3") != nil && program("docc") != nil, "no python3, or no docc, on the PATH"))
  func isWrittenWithoutAWarning() throws {
    try withTemporaryFolder { folder in
      let modules = URL(filePath: Tool.path).deletingLastPathComponent().path
      let outcome = try run(
        try #require(program("python3")),
        ["\(Self.repository)/tools/docs", "--modules", modules, "--output", "\(folder)/docs"])
      #expect(outcome.status == 0, "\(outcome.output)")
      // Of LockstepTraining, LockstepRuns, LockstepStudies and LockstepExport.
      let trainer = try String(
        contentsOfFile: "\(folder)/docs/data/documentation/lockstep/trainer.json", encoding: .utf8)
      for member in ["steps(over:)", "save(to:)", "export(to:"] { #expect(trainer.contains(member), "no \(member)") }
      for page in ["documentation/lockstep/run", "tutorials/lockstep/owndataset"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/docs/data/\(page).json"), "no \(page)")
      }
    }
  }
}
