import ArgumentParser
import Lockstep

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of configurations, which editors complete and check by.",
    discussion: """
      Examples:

        lockstep schema --path
        lockstep schema > lockstep.schema.json

      Editors that speak to yaml-language-server (VS Code's YAML extension, Neovim, Helix) complete keys, show what they do and mark mistakes in a file that begins with

        # yaml-language-server: $schema=lockstep.schema.json

      the path being relative to that file. init writes such a line.
      """)

  @Flag(name: .long, help: "Print instead where the file is that was installed with this program.")
  var path = false

  func run() throws {
    guard path else { return try Terminal.output(JSONValue.object(RunConfiguration.schema).prettyText) }
    guard let path = SchemaFile.path else {
      throw RunError.input("--path: found no schema beside this program, expected one that tools/install has put there")
    }
    try Terminal.output(path)
  }
}

/// The schema as a file that has come with the program: installed beside it, or in the repository where it was built.
enum SchemaFile {
  private static let name = "lockstep.schema.json"

  /// In the nearest folder above the program that has it.
  static var path: String? {
    guard var folder = Folder.ofProgram else { return nil }
    while true {
      let places = ["share/lockstep", "configs"].map { "\(folder)/\($0)/\(name)" }
      if let path = places.first(where: { (try? Folder.item(at: $0)) == .file }) { return path }
      let above = Folder.parent(of: folder)
      if above == folder { return nil }
      folder = above
    }
  }

  /// The first line of a configuration, by which editors find the schema; empty where none has come with the program.
  static var line: String { path.map(line(for:)) ?? "" }

  /// - Parameter path: absolute.
  static func line(for path: String) -> String {
    "# yaml-language-server: $schema=\(FileAddress.of(path))\n"
  }
}
