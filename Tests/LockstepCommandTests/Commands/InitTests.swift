import Foundation
import TestSupport
import Testing

@testable import LockstepCommand

/// From a file of data to a model.
@Suite struct InitTests {
  /// A table that can be learned, with columns that cannot.
  private static let table: String = {
    var lines = ["id,width,colour,kind"]
    for row in 0..<120 {
      let kind = ["oak", "elm", "ash"][row % 3]
      let width = Double(row % 3) * 2 + Double(row * 37 % 101) / 101
      lines.append("\(row + 1),\(width),\(["red", "green"][row / 3 % 2]),\(kind)")
    }
    return lines.joined(separator: "\n") + "\n"
  }()

  private func place() throws -> Place {
    let place = try Place()
    try place.write(Self.table, to: "trees.csv")
    return place
  }

  @Test func whatIsWrittenTrainsWithoutAWarning() throws {
    let place = try place()
    let outcome = try place.succeed("init", "trees.csv")
    for words in ["left out: it counts the rows", "colour", "red, green", "go on with: lockstep train trees.yaml"] {
      #expect(outcome.output.contains(words), "\(words)")
    }
    #expect(try place.succeed("check", "trees.yaml").errors == "")
    let trained = try place.succeed("train", "trees.yaml", "--output", "a", "--steps", "40", "--json")
    #expect(!trained.errors.contains("warning") && !trained.errors.contains("note"))
    // Both at once are the same.
    let once = try place.succeed("train", "trees.csv", "--output", "b", "--steps", "40", "--json", "--quiet")
    #expect(trained.json["weights_digest"] as? String == once.json["weights_digest"] as? String)
    #expect(once.errors == "")
    // What is there stays unless it is said.
    try place.refuse(["init", "trees.csv"], ["trees.yaml: found a file already", "--output FILE, or --overwrite"])
    try place.succeed("init", "trees.csv", "--overwrite", "--target", "width")
    #expect(
      try place.succeed("init", "trees.csv", "--output", "-", "--target", "width").output.contains("mean_squared_error")
    )
  }

  /// A configuration in another folder finds the data where it is.
  @Test func pathsAreThoseOfTheConfiguration() throws {
    let place = try place()
    try FileManager.default.createDirectory(atPath: "\(place.folder)/deep/configs", withIntermediateDirectories: true)
    try place.succeed("init", "trees.csv", "--output", "deep/configs/trees.yaml")
    #expect(
      String(decoding: try place.read("deep/configs/trees.yaml"), as: UTF8.self).contains(#"path: "../../trees.csv""#))
    #expect(
      try place.succeed("check", "deep/configs/trees.yaml").output.contains("csv, deep/configs/../../trees.csv\n"))
  }

  @Test(arguments: [
    ("/usr/share/lockstep/a.json", "file:///usr/share/lockstep/a.json"),
    ("/a b/ü#%.json", "file:///a%20b/%C3%BC%23%25.json"),
  ])
  func theAddressIsAnURL(path: String, address: String) {
    #expect(SchemaFile.line(for: path) == "# yaml-language-server: $schema=\(address)\n")
    #expect(URL(string: address)?.path == path)
  }

  /// Editors find the schema that has come with the program.
  @Test func theFirstLineNamesTheSchema() throws {
    let place = try place()
    let path = try place.succeed("schema", "--path").output.split(separator: "\n")[0]
    #expect(FileManager.default.fileExists(atPath: String(path)))
    let printed = try place.succeed("init", "trees.csv", "--output", "-").output
    try place.succeed("init", "trees.csv")
    for text in [printed, String(decoding: try place.read("trees.yaml"), as: UTF8.self)] {
      let address = try #require(text.prefixMatch(of: /# yaml-language-server: \$schema=(\S+)\n/)?.1)
      #expect(URL(string: String(address))?.isFileURL == true && URL(string: String(address))?.path == String(path))
    }
    #expect(
      try place.succeed("schema").output
        == String(contentsOfFile: String(path), encoding: .utf8))
  }

  @Test(arguments: [
    (["init", "no.csv"], ["no.csv: found a file that cannot be read"]),
    (["init", "config.yaml"], ["config.yaml: found an ending that is that of no format"]),
    (["init", "-"], ["-: found standard input, expected a file"]),
    (["init", ""], ["the data: found an empty path"]),
    (
      ["init", "trees.csv", "--target", "kinds"],
      ["trees.csv: target: found no column \"kinds\"", "did you mean kind?"]
    ),
    (["init", "trees.csv", "--output", "nowhere/x.yaml"], ["--output nowhere/x.yaml: there is no folder nowhere"]),
    (["init", "trees.csv", "--task", "ranking"], ["classification"]),
    (["train", "config.yaml", "--target", "kind"], ["--target: found a configuration, config.yaml"]),
  ])
  func badInputIsRefused(arguments: [String], words: [String]) throws {
    try place().refuse(arguments, words)
  }
}
