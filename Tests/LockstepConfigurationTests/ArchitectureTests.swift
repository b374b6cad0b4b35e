import Foundation
import TestSupport
import Testing

/// "Where to add something" in docs/architecture.md, held against the sources.
@Suite struct ArchitectureTests {
  /// The rows of the table: what is added, and where to go.
  private static func rows() throws -> [(thing: String, places: String)] {
    let page = try String(contentsOfFile: "\(repository)/docs/architecture.md", encoding: .utf8)
    return page.split(separator: "\n").drop { !$0.hasPrefix("| to add") }.dropFirst(2).filter { $0.hasPrefix("|") }.map
    {
      let cells = $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0], cells[1])
    }
  }

  /// Names of files, folders and types in a row.
  private static func names(in places: String) -> [String] {
    places.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
      String($0.element)
    }
  }

  /// Every file in which something is declared, computed or described: path and content.
  private static func files() throws -> [(path: String, text: String)] {
    try ["Sources", "docs", "configs"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: "\(repository)/\(folder)").filter { path in
        ["swift", "c", "h", "md", "yaml"].contains { path.hasSuffix(".\($0)") } && !path.hasPrefix("experiments/")
          && !path.hasPrefix("diagnosis/") && !path.hasPrefix("checks/")
          && !["architecture.md", "processors.md"].contains(path)
      }.map { ("\(folder)/\($0)", try String(contentsOfFile: "\(repository)/\(folder)/\($0)", encoding: .utf8)) }
    }
  }

  @Test func everyNameIsThere() throws {
    let files = try Self.files()
    let parts = Set(files.flatMap { $0.path.split(separator: "/").map(String.init) })
    let rows = try Self.rows()
    #expect(rows.count > 8)
    for (thing, places) in rows {
      for name in Self.names(in: places) where !["\(name)", "\(name).swift"].contains(where: parts.contains) {
        let isDeclared = files.contains { file in
          ["struct", "class", "enum", "protocol", "func"].contains { file.text.contains("\($0) \(name)") }
        }
        #expect(isDeclared, "\(thing): \(name)")
      }
    }
  }

  /// A thing without settings of its own kind, and in how many files it may stand.
  @Test(arguments: [("an activation", "mish", 6), ("an optimizer", "adagrad", 5)])
  func aThingStandsInFewFiles(thing: String, example: String, most: Int) throws {
    let places = try #require(try Self.rows().first { $0.thing == thing }?.places)
    let word = try Regex("(^|[^a-z])(lk_(update_)?)?\(example)([^a-z]|$)").ignoresCase().anchorsMatchLineEndings()
    let found = try Self.files().filter { $0.text.contains(word) }.map(\.path)
    #expect(found.count <= most && found.count > 3, "\(found)")
    let names = Self.names(in: places)
    for path in found {
      #expect(
        names.contains { path.contains("/\($0).") || path.contains("/\($0)/") || path.hasSuffix("/\($0)") }, "\(path)")
    }
  }
}
