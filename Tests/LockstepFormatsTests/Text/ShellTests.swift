import Foundation
import LockstepFormats
import TestSupport
import Testing

/// What a shell makes of a command is the words that it was made of.
@Suite struct ShellTests {
  private static let pieces = [
    "a", "runs/a", " ", "'", "\"", "$HOME", "`x`", "\\", "\\n", "!", "*", "?", "[a]", "{a,b}", "~", "#", "&", ";", "|",
    "(", "<", ">", "=", "\t", "\n", "\u{1B}[2J", "\u{7F}", "\u{200E}7", "ü", "数", "-", "%", "0",
  ]

  @Test func isReadBack() throws {
    var generator = SeededGenerator(seed: 7)
    let bash = try #require(program("bash"))
    for count in 0..<400 {
      let words = (0..<count % 4 + 1).map { _ in
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
          .joined()
      }
      let command = Shell.command(["printf", "%s\\0"] + words)
      // Nothing in it moves a cursor.
      #expect(!command.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(command)")
      let read = try runProgram(bash, ["-c", command]).output
      #expect(read == words.map { $0 + "\0" }.joined(), "\(command)")
    }
  }

  @Test func isPlainWhereItCanBe() {
    #expect(Shell.command(["lockstep", "resume", "runs/iris-2"]) == "lockstep resume runs/iris-2")
    #expect(Shell.command(["--set", "a.b=1e-3", "my run", ""]) == "--set a.b=1e-3 'my run' ''")
    #expect(Shell.path("-x") == "./-x" && Shell.path("x") == "x")
  }
}
